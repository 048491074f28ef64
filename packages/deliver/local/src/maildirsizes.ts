/** control/maildirsizes: whether names of messages in Maildirs tell their sizes. */
import { KeptNumber } from './keptnumber.ts'

const sizes = new KeptNumber({
  name: 'maildirsizes',
  form: /^[01]$/,
  problem: 'neither 0 nor 1',
  instead: (kept) => kept,
  words: (value) => `${value} counts`,
})

/** Whether they do, as readers of a Maildir like it that need not look into each file then. Not without the file. */
export function namesTellSizes(): boolean {
  return sizes.value === 1
}
