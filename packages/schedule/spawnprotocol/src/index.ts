/**
 * The protocol between send and lspawn or rspawn, byte for byte (spec §2.4.1).
 *
 * Upwards on descriptor 1: one greeting byte, the limit; then reports: delnum, status letter, text, NUL. Downwards on
 * descriptor 0: commands: delnum, message path, sender, recipient, each of the three ended by NUL; to rspawn also
 * facts. Limit and delnum are a byte each, or two where both sides know that (numbers.ts).
 */
export { type Command, CommandDecoder, encodeCommand, factsToo } from './command.ts'
export { type Content, contentToGive, openMessage, openToGive } from './message.ts'
export { encodeGreeting, type Greeting, greetingFor, type NumberWidth, wantsWideNumbers, wideLimit, wideNumbers } from './numbers.ts'
export { encodeReport, givenBack, type Report, ReportDecoder, type Status, successUntold } from './report.ts'
export { ReportText } from './reporttext.ts'
export { type Delivery, serve, type Terms } from './serve.ts'
export { keepSpares } from './spares.ts'
export {
  type Answer,
  AnswerDecoder,
  encodeAnswer,
  encodeOrder,
  isQuestion,
  type Order,
  OrderDecoder,
  question,
  workerSocket,
} from './worker.ts'
