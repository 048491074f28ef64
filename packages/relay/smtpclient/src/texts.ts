/**
 * Every way a delivery to another host can end, as it is reported (spec §2.8.2): a letter, then the text.
 *
 * r h s speak of one recipient (accepted, refused for good, refused for now), K Z D of the message.
 */
import { successUntold } from '@yabumi/spawnprotocol'

/** Longest reason in a report. */
const reasonBytes = 300

/** The text behind "Remote host said:", or nothing if the host said nothing. */
function said(remoteText: string): string {
  return remoteText === '' ? '' : `Remote host said: ${remoteText}`
}

export const recipientAccepted = 'r'
export const recipientRefused = (ip: string, text: string): string => `h${ip} does not like recipient.\n${said(text)}`
export const recipientDeferred = (ip: string, text: string): string => `s${ip} does not like recipient.\n${said(text)}`

/** Why an address cannot be written into a command; what is left when it is written all the same would be another command. */
export type AddressFault = 'line break' | 'domain' | 'characters'
const addressFaults = {
  'line break': ['an address with a line break in it cannot be sent by SMTP.', '3'],
  domain: ['an address whose domain has other characters than a domain may have cannot be sent by SMTP.', '2'],
  characters: ['an address whose domain is not ASCII cannot be sent by SMTP; its xn-- form can.', '2'],
} as const
export const brokenRecipient = (fault: AddressFault): string => `hSorry, ${addressFaults[fault][0]} (#5.1.${addressFaults[fault][1]})\n`
export const brokenSender = (fault: AddressFault): string =>
  `DSorry, ${addressFaults[fault][0].replace('an address', 'a sender address')} (#5.1.7)\n`
export const foreignDomain = (host: string): string =>
  `DSorry, ${visible(host)} is not ASCII, so it cannot be looked up or sent by SMTP; its xn-- form can. (#5.1.2)\n`

export const accepted = (ip: string, text: string, isUntold = false): string =>
  `K${ip} accepted message.\n${said(text)}${isUntold ? successUntold : ''}`
export const badGreeting = (ip: string, text: string): string => `ZConnected to ${ip} but greeting failed.\n${said(text)}`
export const badName = (ip: string, text: string): string => `ZConnected to ${ip} but my name was rejected.\n${said(text)}`
export const noRecipient = (ip: string): string => `DGiving up on ${ip}.\n`
export const badSender = (severity: 'D' | 'Z', ip: string, text: string): string =>
  `${severity}Connected to ${ip} but sender was rejected.\n${said(text)}`
export const badData = (severity: 'D' | 'Z', ip: string, text: string): string => `${severity}${ip} failed on DATA command.\n${said(text)}`
export const badMessage = (severity: 'D' | 'Z', ip: string, text: string): string =>
  `${severity}${ip} failed after I sent the message.\n${said(text)}`
export const badMidway = (severity: 'D' | 'Z', ip: string, text: string): string =>
  `${severity}${ip} failed while I sent the message.\n${said(text)}`
export const closing = (ip: string, text: string): string => `ZConnected to ${ip} but it is closing.\n${said(text)}`
export const outOfStep = (ip: string, fault: string, text: string): string =>
  `ZConnected to ${ip} but it is out of step: ${fault}. (#4.5.0)\n${said(text)}`
export const outOfStepLate = (ip: string, fault: string, text: string): string =>
  `ZConnected to ${ip} but it is out of step: ${fault}. Possible duplicate! (#4.5.0)\n${said(text)}`
/** @param by - who demands it, @param reason - why it is not to be had */
export const noTls = (by: string, reason: string): string => `ZTLS required by ${by} but not to be had: ${visibleText(reason)}. (#4.7.5)\n`
/** Stands for who demands TLS where that is the sender of a message (RFC 8689). */
export const sendersDemand = 'its sender (REQUIRETLS)'
export const noTlsForSender = (ip: string): string => `D${ip} has no TLS, which the sender of the message demands (REQUIRETLS). (#5.7.10)\n`
export const unknownDemand = (problem: string): string => `ZUnable to tell which TLS is demanded: ${visibleText(problem)}. (#4.3.5)\n`
export const noLogin = (ip: string, why: string): string => `ZConnected to ${ip} but could not log in: ${why}. (#4.7.8)\n`
export const loginRefused = (ip: string, text: string): string => `ZConnected to ${ip} but the login was refused. (#4.7.8)\n${said(text)}`
export const overdue = (ip: string): string => `ZConnected to ${ip} but the message was not handed over in time. (#4.4.2)\n`
export const died = (ip: string): string => `ZConnected to ${ip} but connection died. (#4.4.2)\n`
export const diedLate = (ip: string): string => `ZConnected to ${ip} but connection died. Possible duplicate! (#4.4.2)\n`

export const noConnection = "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"
export const noLocalAddress = 'ZUnable to use the address that control/bindroutes or control/outgoingip names. (#4.3.5)\n'
export const tooLarge = (ip: string): string => `D${ip} does not take messages of that size. (#5.3.4)\n`
export const not8bit = (ip: string): string =>
  `D${ip} does not take 8-bit messages, and this one is signed or encrypted, or of a kind that cannot be changed. (#5.6.3)\n`
export const noUtf8 = (ip: string): string =>
  `D${ip} does not take addresses and headers with other letters than those of ASCII (SMTPUTF8), which this message has. (#5.6.7)\n`
export const recipientNeedsUtf8 = (ip: string): string =>
  `h${ip} does not take addresses with other letters than those of ASCII (SMTPUTF8). (#5.6.7)\n`
export const noRequiredTls = (ip: string): string =>
  `D${ip} does not see to it that the message goes on under verified TLS only, which its sender demands (REQUIRETLS). (#5.7.30)\n`
export const noDeadline = (ip: string): string =>
  `D${ip} does not send messages back that cannot be there in time, which the sender demands (DELIVERBY). (#5.4.7)\n`
export const partialLine = 'DSMTP cannot transfer messages with partial final lines. (#5.6.2)\n'
export const unreadable = 'ZUnable to read message. (#4.3.0)\n'
export const systemTrouble = 'ZSystem resources temporarily unavailable. (#4.3.0)\n'
export const dnsTrouble = "ZSorry, I couldn't find any host by that name. (#4.1.2)\n"
export const noHost = (host: string): string => `DSorry, I couldn't find any host named ${visible(host)}. (#5.1.2)\n`
export const noRelay = (host: string): string =>
  `ZUnable to find ${visible(host)}, which control/smtproutes or control/qmtproutes names. (#4.3.5)\n`
export const noAddress = "DSorry, I couldn't find a mail exchanger or IP address. (#5.4.4)\n"
export const noMail = (host: string): string => `DSorry, ${visible(host)} does not accept mail: it has a null MX. (#5.1.10)\n`
export const ourselves =
  "DSorry. Although I'm listed as a best-preference MX or A for that host,\nit isn't in my control/locals file, so I don't treat it as local. (#5.4.6)\n"
export const noHome = 'ZUnable to switch to home directory. (#4.3.0)\n'
export const noControls = 'ZUnable to read control files. (#4.3.0)\n'
export const usage = 'DI (qmail-remote) was invoked improperly. (#5.3.5)\n'

/** What others said, or a file, on one line. */
function visibleText(text: string): string {
  return text
    .replace(/[^ -~]+/g, ' ')
    .trim()
    .slice(0, reasonBytes)
}

function visible(name: string): string {
  return name.replace(/[^!-~]/g, '?')
}
