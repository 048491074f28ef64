/**
 * The argument by which start tells send that lspawn and rspawn are the ones that were installed with it. These give
 * away no file that may be written over (message.ts). Without it send has every file unlinked: qmail's spawn programs
 * give the message's own file to its recipients.
 */
export const keepSpares = '--keep-spares'
