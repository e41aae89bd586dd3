/** The register tile that all products share; `scripts/tiles.ts` writes the kernels'. */

/** Rows of a register tile. */
export const TILE_ROWS = 6;
/** Columns of the wide register tile, and of a panel of its right-hand operand. */
export const PANEL_COLUMNS = 16;
