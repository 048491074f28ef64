/**
 * Every reply that smtpd can give, in qmail's words (spec §5.1); those of the recipient lists are in package admission.
 */
import { recipientReplies } from '@yabumi/admission'

/** A chunk as BDAT announces it (RFC 3030 §2). */
export interface ChunkTerms {
  readonly sizeBytes: number
  /** The message is complete with it. */
  readonly isLast: boolean
  /** What becomes of it, once all of it has come; undefined where it belongs to a message. */
  readonly refusal?: string
}

/** The reply to a command, and what comes after it, if that is not the next command. */
export interface Reaction {
  /** Empty for a message, which is answered when it begins. */
  readonly reply: string
  readonly next?: 'message' | 'chunk' | 'quit' | 'abort' | 'tls'
  /** What BDAT has announced, which comes before the reply. */
  readonly chunk?: ChunkTerms
  /** The client is to wait that long for the reply. */
  readonly delaySeconds?: number
  /** What the log says in place of the reply, and of the client's line: a login's are nobody else's. */
  readonly told?: string
  readonly word?: string
}

export const reply = {
  ok: '250 ok\r\n',
  flushed: '250 flushed\r\n',
  verify: "252 send some mail, i'll try my best\r\n",
  help: '214 notqmail home page: https://notqmail.org\r\n',
  goAhead: '354 go ahead\r\n',
  unimplemented: '502 unimplemented (#5.5.1)\r\n',
  mailFirst: '503 MAIL first (#5.5.1)\r\n',
  recipientFirst: '503 RCPT first (#5.5.1)\r\n',
  syntax: '555 syntax error (#5.5.4)\r\n',
  badSender: '553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)\r\n',
  looping: '554 too many hops, this message is looping (#5.4.6)\r\n',
  tooBig: '552 sorry, that message size exceeds my databytes limit (#5.3.4)\r\n',
  bareLF: '451 See https://cr.yp.to/docs/smtplf.html.\r\n',
  timeout: '451 timeout (#4.4.2)\r\n',
  controls: '421 unable to read controls (#4.3.0)\r\n',
  ownAddresses: '421 unable to figure out my IP addresses (#4.3.0)\r\n',
  // from widespread patches (spec §11)
  cannotVerify: '421 unable to verify recipient (#4.3.0)\r\n',
  cannotCheck: '421 unable to execute recipient check (#4.3.0)\r\n',
  noSenderDomain: '553 sorry, your envelope sender domain must exist (#5.7.1)\r\n',
  dnsTrouble: '451 DNS temporary failure (#4.3.0)\r\n',
  badHelo: '553 sorry, your HELO host name is in my badhelo list (#5.7.1)\r\n',
  ownHelo: '550 sorry, your HELO host name is mine (#5.7.1)\r\n',
  badStrangersSender: '553 sorry, your envelope sender is in my badmailfromnorelay list (#5.7.1)\r\n',
  badStrangersRecipient: '553 sorry, your envelope recipient is in my badrcpttonorelay list (#5.7.1)\r\n',
  tooManyBadRecipients: '421 too many invalid addresses, goodbye (#4.3.0)\r\n',
  tooManyErrors: '421 too many errors, goodbye (#4.7.0)\r\n',
  tooManyMessagesOfYours: '450 too many messages from your network, try again later (#4.7.1)\r\n',
  tooManyRecipientsOfYours: '450 too many recipients from your network, try again later (#4.7.1)\r\n',
  noSmtp: '421 this port speaks SMTP (#4.7.0)\r\n',
  // TLS (spec §16.3)
  readyForTls: '220 ready for tls\r\n',
  tlsArgument: '501 STARTTLS takes no argument (#5.5.4)\r\n',
  tlsIsOn: '503 TLS is on already (#5.5.1)\r\n',
  tooManyHandshakes: '454 TLS not available: too many handshakes from your network (#4.7.0)\r\n',
  tlsFirst: '530 Must issue a STARTTLS command first (#5.7.0)\r\n',
  // logins and submission (spec §18.4)
  loggedIn: '235 ok, go ahead (#2.7.0)\r\n',
  wrongLogin: '535 authentication failed (#5.7.8)\r\n',
  authTrouble: '454 authentication is not possible now (#4.7.0)\r\n',
  authCanceled: '501 auth exchange canceled (#5.7.0)\r\n',
  malformedAuth: '501 malformed auth input (#5.5.2)\r\n',
  unknownMechanism: '504 auth type unimplemented (#5.5.4)\r\n',
  authNeedsTls: '504 auth not available without TLS (#5.7.4)\r\n',
  authenticated: "503 you're already authenticated (#5.5.1)\r\n",
  authInTransaction: '503 no auth during mail transaction (#5.5.1)\r\n',
  ehloFirst: '503 EHLO first (#5.5.1)\r\n',
  authLineTooLong: '500 line too long (#5.5.6)\r\n',
  tooManyFailures: '421 too many failed logins (#4.7.0)\r\n',
  authRequired: '530 Authorization required (#5.7.0)\r\n',
  foreignSender: '550 you may not send as that address (#5.7.1)\r\n',
  tooManyMessages: '452 too many messages for now, try again later (#4.7.28)\r\n',
  foreignFrom: '550 your From address is not yours (#5.7.1)\r\n',
  oddFrom: '550 the sender fields cannot be understood (#5.6.0)\r\n',
  headerNoText: '554 header is neither ASCII nor UTF-8 (#5.6.7)\r\n',
  headerTooLong: '552 that header is too long (#5.3.4)\r\n',
  senderTrouble: '451 unable to tell whether you may send as that address (#4.3.0)\r\n',
  // when a message leaves and arrives, and how safely
  badHold: '501 HOLDFOR out of range (#5.5.4)\r\n',
  badDeadline: '501 BY has seconds, a semicolon, and R or N (#5.5.4)\r\n',
  shortDeadline: '555 BY leaves less than 60 seconds (#5.5.4)\r\n',
  badPriority: '501 MT-PRIORITY is a number from -9 to 9 (#5.5.4)\r\n',
  badTlsDemand: '501 REQUIRETLS has no value (#5.5.4)\r\n',
  // SMTPUTF8 (RFC 6531)
  badUtf8: '501 SMTPUTF8 has no value (#5.5.4)\r\n',
  needsUtf8: '553 that address needs SMTPUTF8 (#5.6.7)\r\n',
  notUtf8: '501 that address is no UTF-8 (#5.6.7)\r\n',
  // BDAT (RFC 3030)
  badChunk: '501 BDAT has a size of at most 2147483648, and perhaps LAST (#5.5.4)\r\n',
  chunkAfterLast: '503 BDAT after LAST (#5.5.1)\r\n',
  dataAfterChunk: '503 DATA after BDAT (#5.5.1)\r\n',
  // ours
  badBody: '501 BODY is 7BIT or 8BITMIME (#5.5.4)\r\n',
  badNotify: '501 NOTIFY is NEVER, or some of SUCCESS,FAILURE,DELAY (#5.5.4)\r\n',
  badOrcpt: '501 ORCPT is a type, a semicolon and an address in xtext (#5.5.4)\r\n',
  badRet: '501 RET is FULL or HDRS (#5.5.4)\r\n',
  badEnvid: '501 ENVID is at most 100 characters of xtext (#5.5.4)\r\n',
  cannotKeep: '451 unable to keep that message now (#4.3.0)\r\n',
  noRoom: '452 no room for that message now (#4.3.1)\r\n',
  badSize: '501 SIZE is a number of at most 20 digits (#5.5.4)\r\n',
  repeatedParameter: '501 that parameter stands there twice (#5.5.4)\r\n',
  unknownParameter: '555 parameter not supported (#5.5.4)\r\n',
  nobodysSender: '553 sorry, that sender is nobody outside (#5.1.7)\r\n',
  badSenderDomain: '553 sorry, a domain has no other bytes than letters, digits and .-_[]: (#5.1.7)\r\n',
  earlyTalker: '554 SMTP protocol violation: you spoke before my greeting (#5.5.1)\r\n',
  hasty: '554 you spoke before my answer (#5.5.1)\r\n',
  lineTooLong: '500 line too long (#5.5.2)\r\n',
  tooManyRecipients: '452 too many recipients (#4.5.3)\r\n',
  unknownRecipients: '421 too many unknown recipients from your network, try again later (#4.7.1)\r\n',
  leaving: '421 shutting down, try again (#4.3.2)\r\n',
  tooManyConnections: '421 too many connections, try again later (#4.3.2)\r\n',
  tooManyOfYours: '421 too many connections from your network, try again later (#4.7.0)\r\n',
} as const

/** To commands that change nothing. @param verb - in lower case */
export function plainReply(verb: string): string {
  return verb === 'noop' ? reply.ok : verb === 'vrfy' ? reply.verify : verb === 'help' ? reply.help : reply.unimplemented
}

/** Let the client wait so long at least. */
export function delayed(reaction: Reaction | Promise<Reaction>, seconds: number): Reaction | Promise<Reaction> {
  const wait = (settled: Reaction): Reaction => ({ ...settled, delaySeconds: Math.max(seconds, settled.delaySeconds ?? 0) })
  return reaction instanceof Promise ? reaction.then(wait) : wait(reaction)
}

/** Said by validrcptto, by a RCPTCHECK program and by recipientd. */
export const noMailbox: string = `${recipientReplies.validrcptto}\r\n`
