/** The versions that matter for a bug report. */
import config from "../../deno.json" with { type: "json" };

/** `duel 0.1.0 (Deno 2.9.6, V8 15.0, x86_64 linux)`. */
export function versions(): string {
  const { deno, v8 } = Deno.version;
  return `duel ${config.version} (Deno ${deno}, V8 ${v8}, ${Deno.build.arch} ${Deno.build.os})`;
}
