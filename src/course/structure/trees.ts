/**
 * Trees as adjacency matrices. Nodes are numbered in preorder: the root is 0, and each subtree is numbered before the
 * next one begins. A tree is written as the parents of nodes 1, 2, …, a character each, so that its one-hot characters
 * are its matrix: a row for each node, a column for each parent. (The root has no parent, the last node no children:
 * their empty row and column are left out.)
 */
import * as duel from "../../mod.ts";
import { type Language, languageOf } from "./grammar.ts";

/** Nodes below the root; a number is one character in base 36. */
const NODES = 9;

// #region A tree: the parent of each node is on the path from the root to the node before it | 樹：每個節點的父節點，都在根到前一個節點的路徑上
function treesBelow(path: readonly number[], node: number): string[] {
  if (node > NODES) return [""];
  return path.flatMap((parent, depth) =>
    treesBelow([...path.slice(0, depth + 1), node], node + 1).map((rest) => parent.toString(36) + rest)
  );
}
// #endregion

/** All ordered trees of ten nodes, by their parents: 4862, the ninth Catalan number. */
export const trees: Language = languageOf(treesBelow([0], 1));

/** Parents of nodes 1, 2, …, of what is written. */
function parentsOf(text: string): number[] {
  return [...text].map((character) => parseInt(character, 36));
}

/** The first node whose parent is not on the path to the node before it; undefined if it is a tree. */
export function firstWrong(text: string): number | undefined {
  let path = [0];
  for (const [index, parent] of parentsOf(text).entries()) {
    const depth = path.indexOf(parent);
    if (depth < 0) return index + 1;
    path = [...path.slice(0, depth + 1), index + 1];
  }
  return undefined;
}

/** A tree as brackets, a pair around what is below a node: "(()())()". */
export function bracketsOf(text: string): string {
  const parents = parentsOf(text);
  const below = (node: number): string =>
    parents.map((parent, index) => parent === node ? `(${below(index + 1)})` : "").join("");
  return below(0);
}

/** Pixels of an entry of a matrix, and from a node of a drawn tree to the next. */
const CELL = 10;
/** Colours of an entry of 0, and of 1. */
const RIGHT = { ground: [226, 226, 232], full: [38, 38, 46] } as const;
const WRONG = { ground: [250, 214, 206], full: [214, 56, 40] } as const;

/**
 * A matrix with its tree below it. What is no tree is not drawn, and the row that makes it none is red.
 * @param matrix shares of each parent, [nodes × nodes].
 * @param text the likeliest parents.
 */
export function treePicture(matrix: Float32Array, text: string): duel.Pixels {
  const canvas = new duel.Canvas(NODES * CELL, (2 * NODES + 2) * CELL, [255, 255, 255]);
  const wrong = firstWrong(text);
  matrix.forEach((share, at) => {
    const [row, column] = [Math.floor(at / NODES), at % NODES];
    const { ground, full } = row + 1 === wrong ? WRONG : RIGHT;
    canvas.box(column * CELL, row * CELL, CELL - 1, CELL - 1, ground, 1);
    canvas.box(column * CELL, row * CELL, CELL - 1, CELL - 1, full, share);
  });
  if (wrong === undefined) drawTree(canvas, parentsOf(text));
  return canvas.pixels();
}

/** Draws a tree with its root on top: leaves side by side, and each node over the middle of its children. */
function drawTree(canvas: duel.Canvas, parents: readonly number[]): void {
  const depths = [0];
  for (const parent of parents) depths.push(depths[parent] + 1);
  const columns: number[] = [];
  const leaves = depths.filter((_, node) => !parents.includes(node)).length;
  let left = (NODES + leaves) / 2;
  // Children have higher numbers than their parents, and the last ones are on the right.
  for (let node = NODES; node >= 0; node--) {
    const children = columns.filter((_, child) => parents[child - 1] === node);
    columns[node] = children.length === 0 ? --left + 0.5 : (children[0] + children[children.length - 1]) / 2;
  }
  const place = (node: number) => [columns[node] * CELL, (NODES + 1 + depths[node]) * CELL] as const;
  parents.forEach((parent, index) => canvas.line(...place(parent), ...place(index + 1), 1.2, RIGHT.full, 0.7));
  depths.forEach((_, node) => canvas.disc(...place(node), 2.5, RIGHT.full, 1));
}
