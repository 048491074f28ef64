/** The frame of a program whose client speaks in netstrings. */
export { RecipientBudget } from './budget.ts'
export { serveNetstrings } from './connection.ts'
