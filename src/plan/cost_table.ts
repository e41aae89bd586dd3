/** Nanoseconds on one thread, written by `scripts/fit_costs.ts`: see there before you change a number. */
export const costTable = {
  convolution: {
    direct: { "multiplyAdds": 0.0216, "gathered": 0.22, "columns": 0.424, "filter": 0.263, "instructions": 1740 },
    0: { "multiplyAdds": 0.031, "gathered": 0.453, "columns": 0.147, "filter": 0.337, "instructions": 2500 },
    1: { "multiplyAdds": 0.0252, "gathered": 0.493, "columns": 0.41, "filter": 0.326, "instructions": 2230 },
  },
  filterGrad: {
    direct: { "multiplyAdds": 0.0245, "gathered": 0.264, "columns": 0, "filter": 0.188, "instructions": 2020 },
    0: { "multiplyAdds": 0.0273, "gathered": 0.457, "columns": 0.809, "filter": 0.285, "instructions": 5410 },
    1: { "multiplyAdds": 0.0332, "gathered": 0.475, "columns": 0.419, "filter": 0.335, "instructions": 2410 },
  },
} as const;
