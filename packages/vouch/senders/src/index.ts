/** Who may send as whom, by users/senders or by whose mail it is. Text is byte strings. */
export { type MaySend, Senders } from './senders.ts'
