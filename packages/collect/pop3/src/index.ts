/** What POP3 is before and after login alike: popup and pop3d are two programs, and one server to a client. */

export { type Command, parseCommand } from './command.ts'
export { type Code, capabilities, coded, refusal } from './extensions.ts'
export { PopSwitch } from './switch.ts'
