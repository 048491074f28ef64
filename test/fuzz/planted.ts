/** Parsers with a fault each, to see that the harness finds it: they are run by its own test, never by make fuzz. */
import type { Target } from './targets.ts'

const kept: Buffer[] = []

export const plantedTargets: readonly Target[] = [
  {
    name: 'planted crash',
    seeds: ['joe@example.org', '(comment)'],
    units: ['a', '@', '(', '\\'],
    run(input) {
      if (input.includes('@@')) throw new TypeError('planted')
    },
  },
  {
    name: 'planted quadratic time',
    seeds: ['a,b'],
    units: ['a', ','],
    run(input) {
      let rest = input.toString('latin1').split(',') // each turn goes through all that is left
      while (rest.length > 0) rest = rest.slice(1)
    },
  },
  {
    name: 'planted hang',
    seeds: ['a'],
    units: ['a'],
    run: (input) => /^(a+)+$/.test(`${input.toString('latin1')}b`),
  },
  {
    name: 'planted growth',
    seeds: ['a'],
    units: ['a'],
    run(input) {
      kept.push(Buffer.alloc(40_000, input[0]))
    },
  },
]
