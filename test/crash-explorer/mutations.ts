/** The faults that the explorer must find: each sync left out, each two ordered steps swapped, a record or a timer left out, in the sources of the programs. (test/support/plant.ts). */
import type { Edit } from '../support/plant.ts'
import { recordsLeftOut, removedSyncs, timersLeftOut } from './leftout.ts'
import { mailMutations } from './mailboxes/mutations.ts'
import { swappedSteps } from './swapped.ts'

export interface Mutation {
  readonly what: string
  readonly edits: readonly Edit[]
  /** Scenarios that lead through it. */
  readonly scenarios: readonly string[]
  /** Which explorer: the queue's if it is not said. */
  readonly explorer?: 'mailboxes'
}

export const mutations: readonly Mutation[] = [...removedSyncs, ...swappedSteps, ...recordsLeftOut, ...timersLeftOut, ...mailMutations]
