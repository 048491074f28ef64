/**
 * The faults that the explorer must find: each sync left out, each two ordered steps swapped, in the sources of the programs.
 *
 * A fault is a change of text. Its text must be in the source exactly once, so that a source that moves on says so here.
 */
import { removedSyncs, timersLeftOut } from './leftout.ts'
import { swappedSteps } from './swapped.ts'

export interface Edit {
  /** Below packages/. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

export interface Mutation {
  readonly what: string
  readonly edits: readonly Edit[]
  /** Scenarios that lead through it. */
  readonly scenarios: readonly string[]
}

export const mutations: readonly Mutation[] = [...removedSyncs, ...swappedSteps, ...timersLeftOut]
