/** Start programs, and become one, byte for byte, as oneself or as somebody else. */

export { becomeProgram } from './become.ts'
export { locate } from './locate.ts'
export { type Rights, startProgramAs } from './rights.ts'
export { startProgram } from './start.ts'
export type { Program } from './words.ts'
