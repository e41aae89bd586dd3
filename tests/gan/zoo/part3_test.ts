/** Part 3 of 3; see `combination.ts`. */
import { shareOfLosses, testCombinations } from "./combination.ts";

testCombinations(shareOfLosses(2, 3));
