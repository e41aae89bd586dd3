/** Directories that are gone after a test. */

/** Gives `use` a fresh directory, and removes it afterwards. */
export async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/**
 * Gives `use` a disk of `kilobytes`, where this user may mount one; whether it could.
 * @returns false, without a call of `use`, where it may not.
 */
export async function withSmallDisk(kilobytes: number, use: (directory: string) => Promise<void>): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const run = (command: string, ...args: string[]) =>
    new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output();
  const directory = await Deno.makeTempDir();
  try {
    const { success } = await run("mount", "-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", directory);
    if (success) {
      try {
        await use(directory);
      } finally {
        await run("umount", directory);
      }
    }
    return success;
  } finally {
    await Deno.remove(directory);
  }
}
