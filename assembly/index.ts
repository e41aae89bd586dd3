/** What the host sees of the kernels. */
export { copyRoof, narrowRoof, wideRoof } from "./roof";
export { execute, lead, walk, work } from "./vm";

/** First byte after the constant tables. */
export function tablesEnd(): usize {
  return __heap_base;
}
