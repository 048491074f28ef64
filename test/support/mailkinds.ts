/**
 * Made mail: kinds of it that each layer at the door is there for, and kinds of honest mail that look odd.
 *
 * Each kind has a network of its own, 127.KIND.N.9, and each of its messages an address in it.
 */
export interface Kind {
  readonly name: string
  /** The layer that has to catch it; undefined for honest mail. */
  readonly layer?: string
  /** What the client hears in the end. */
  readonly heard?: RegExp
  /** Its name in the DNS. */
  readonly client?: 'none' | 'made of its address'
  readonly lists?: readonly ('bl' | 'light' | 'drone' | 'wl')[]
  /** Said before the greeting has ended. */
  readonly hasty?: string
  readonly helo?: string
  readonly sender?: string
  readonly recipients?: readonly string[]
  /** Sent after DATA was answered, without the dot; with CR LF. */
  readonly body?: string
  /** All commands, in place of those that are made of the above. */
  readonly commands?: readonly string[]
}

const letter = 'From: a@x.example\r\nTo: r@test.example\r\nSubject: hello\r\n\r\nA letter.\r\n'
const open = (recipient = 'r@test.example'): string[] => ['MAIL FROM:<a@x.example>', `RCPT TO:<${recipient}>`]

export const unwanted: readonly Kind[] = [
  {
    name: 'speaks before its greeting',
    layer: 'greetdelay',
    hasty: 'EHLO bot\r\n',
    heard: /^554 SMTP protocol violation: you spoke before/m,
  },
  { name: 'a browser that a page misuses', layer: 'first bytes', commands: ['POST / HTTP/1.1'], heard: /^421 this port speaks SMTP/m },
  { name: 'a HELO that no mail host has', layer: 'badhelo', helo: 'localhost.localdomain', heard: /^553 .*in my badhelo list/m },
  { name: 'a HELO of dial-up lines', layer: 'badhelo', helo: 'a-pool-1.net.example', heard: /^553 .*in my badhelo list/m },
  { name: 'says that it is us', layer: 'helocheck', helo: 'MX.test.example', heard: /^550 sorry, your HELO host name is mine/m },
  { name: 'says that it has our address', layer: 'helocheck', helo: '[127.0.0.1]', heard: /^550 sorry, your HELO host name is mine/m },
  { name: 'a sender nobody wants', layer: 'badmailfrom', sender: 'offers@shop.example', heard: /^553 .*in my badmailfrom list/m },
  {
    name: 'forges a sender of ours',
    layer: 'badmailfromnorelay',
    sender: 'boss@test.example',
    heard: /^553 .*in my badmailfromnorelay list/m,
  },
  {
    name: 'a sender whose domain is none',
    layer: 'mfcheck',
    sender: 'a@nowhere.invalid',
    heard: /^553 sorry, your envelope sender domain must exist/m,
  },
  { name: 'a recipient of former times', layer: 'badrcptto', recipients: ['former@test.example'], heard: /^553 .*in my badrcptto list/m },
  {
    name: 'a list for the house alone',
    layer: 'badrcpttonorelay',
    recipients: ['all@test.example'],
    heard: /^553 .*in my badrcpttonorelay list/m,
  },
  { name: 'a guessed recipient', layer: 'validrcptto', recipients: ['zelda@test.example'], heard: /^553 sorry, no mailbox here/m },
  { name: 'wants us to relay', layer: 'rcpthosts', recipients: ['r@far.example'], heard: /^553 sorry, that domain isn't in my list/m },
  { name: 'a client on a list', layer: 'dnsbllist', lists: ['bl'], heard: /^554 blocked using bl.example: see/m },
  {
    name: 'a client on two light lists',
    layer: 'dnsbllist',
    lists: ['light', 'drone'],
    heard: /^554 blocked using (?:light|drone).example/m,
  },
  { name: 'a sender whose domain is on a list', layer: 'rhsbllist', sender: 'a@pills.example', heard: /^554 blocked using dbl.example/m },
  { name: 'a client without a name', layer: 'greylist', client: 'none', heard: /^451 greylisted, come back in/m },
  {
    name: 'a client with a name made of its address',
    layer: 'greylist',
    client: 'made of its address',
    heard: /^451 greylisted, come back in/m,
  },
  {
    name: 'guesses many names',
    layer: 'brtlimit',
    commands: ['MAIL FROM:<a@x.example>', ...['a', 'b', 'c', 'd'].map((name) => `RCPT TO:<${name}@test.example>`)],
    heard: /^421 too many invalid addresses/m,
  },
  { name: 'what a filter knows', layer: 'milters', body: `${letter}buy our pills\r\n`, heard: /^554 5.7.1 the filter has seen that/m },
]

export const honest: readonly Kind[] = [
  { name: 'an address literal as HELO', helo: '[192.0.2.44]' },
  { name: 'a HELO with an underscore', helo: 'MAIL_1.x.example' },
  { name: 'no HELO at all', commands: [...open(), 'DATA'] },
  { name: 'a bounce', sender: '' },
  { name: 'a listed client that writes to postmaster', lists: ['bl'], recipients: ['postmaster@test.example'] },
  { name: 'a listed client that another list knows to be well', lists: ['bl', 'wl'] },
  { name: 'a correspondent whose host has no name', client: 'none', sender: 'friend@x.example' },
  { name: 'a nameless client that a list knows to be well', client: 'none', lists: ['wl'] },
  { name: 'bytes above 127 in header and body', body: 'Subject: caf\xe9\r\nFrom: J\xc3\xb6rg <a@x.example>\r\n\r\n\xff\xfe\r\n' },
  { name: 'a line of 5,000 bytes', body: `Subject: x\r\n\r\n${'x'.repeat(5_000)}\r\n` },
  { name: 'neither header nor body', body: '' },
  { name: 'lines that begin with dots', body: 'Subject: dots\r\n\r\n..\r\n...\r\n..x\r\n' },
  { name: 'a body without a header', body: '\r\njust text\r\n' },
  { name: 'commands in lower case', commands: ['ehlo x.example', 'mail from:<a@x.example>', 'rcpt to:<r@test.example>', 'data'] },
  { name: 'blanks where none belong', commands: ['HELO x.example', 'MAIL FROM: <a@x.example>', 'RCPT TO: < r@test.example >', 'DATA'] },
  { name: 'a quoted recipient', recipients: ['"r"@test.example'] },
  { name: 'a domain in capitals, and with its dot', recipients: ['r@TEST.example.'] },
  { name: 'forty hops', body: `${'Received: from a by b; Tue, 01 Dec 2026 05:00:00 +0000\r\n'.repeat(40)}Subject: x\r\n\r\nx\r\n` },
  { name: 'one mistake among the recipients', recipients: ['zelda@test.example', 'r@test.example'] },
  { name: 'resets and starts again', commands: ['EHLO x.example', 'NOOP', ...open(), 'RSET', 'VRFY r', ...open(), 'DATA'] },
]

/** Of a message: its client's address. */
export function addressOf(kind: number, message: number): string {
  return `127.${kind + 1}.${message}.9`
}

export function commandsOf({
  commands,
  helo = 'mail.x.example',
  sender = 'a@x.example',
  recipients = ['r@test.example'],
}: Kind): readonly string[] {
  return commands ?? [`EHLO ${helo}`, `MAIL FROM:<${sender}>`, ...recipients.map((recipient) => `RCPT TO:<${recipient}>`), 'DATA']
}

export function bodyOf({ body = letter }: Kind): string {
  return `${body}.\r\n`
}
