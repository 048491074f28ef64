/**
 * Descriptors handed to a program: a socket, a pipe, a terminal or a file. They are read and written without holding up
 * the event loop, where timers and signals live.
 */

export { piecesOf } from './pieces.ts'
export { Input, Output, type Receiver } from './wire.ts'
