/**
 * Addresses packed into addresses (SRS draft):
 *
 *     SRS0=HASH=DAY=DOMAIN=LOCAL@ours               for LOCAL@DOMAIN
 *     SRS1=HASH=FIRST==HASH=DAY=DOMAIN=LOCAL@ours   for SRS0=HASH=DAY=DOMAIN=LOCAL@FIRST
 *
 * The second form is also for every SRS1 on the way.
 *
 * However often a message is forwarded, its sender gets no longer after the second time. A bounce of ours goes to
 * FIRST.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { lowerCase } from '@yabumi/address'
import { Trouble } from '@yabumi/trouble'
import type { Srs } from './settings.ts'

const daySeconds = 86_400
const days = 1_024 // two digits of base32
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/**
 * The sender under which a message is forwarded.
 *
 * @param sender - byte string; the empty sender, one without a domain and one of our SRS domain stay as they are
 * @param now - seconds since 1970
 */
export function packSender(sender: string, srs: Srs, now: number): string {
  const at = sender.lastIndexOf('@')
  const local = sender.slice(0, at)
  const domain = sender.slice(at + 1)
  if (at <= 0 || domain === '' || domain === '[]' || lowerCase(domain) === lowerCase(srs.domain)) return sender
  return `${packLocal(local, domain, srs, now)}@${srs.domain}`
}

function packLocal(local: string, domain: string, srs: Srs, now: number): string {
  if (/^SRS0[-+=]/i.test(local)) return guard(domain, local.slice(4), srs)
  const [, first, rest] = /^SRS1[-+=][^=]*=([^=]+)=(.*)$/is.exec(local) ?? []
  if (first !== undefined && rest !== undefined) return guard(first, rest, srs)
  const day = dayOf(now)
  return `SRS0=${sign([day, domain, local], srs)}=${day}=${domain}=${local}`
}

/** @param rest - what follows SRS0, its separator included */
function guard(first: string, rest: string, srs: Srs): string {
  return `SRS1=${sign([first, rest], srs)}=${first}=${rest}`
}

/**
 * The address that is packed in one of ours.
 *
 * @param local - of an address of our SRS domain: SRS0=... or SRS1=..., capitals do not matter in that
 * @param now - seconds since 1970
 * @throws Trouble 5.1.1 if it is none, was not made here, or is too old
 */
export function unpackAddress(local: string, srs: Srs, now: number): string {
  const [, hash0, day, domain, user] = /^SRS0[-+=]([^=]*)=([^=]*)=([^=]*)=(.*)$/is.exec(local) ?? []
  if (hash0 !== undefined && day !== undefined && domain !== undefined && user !== undefined) {
    verify(hash0, [day, domain, user], srs)
    refuseOld(day, srs, now)
    return `${user}@${domain}`
  }
  const [, hash1, first, rest] = /^SRS1[-+=]([^=]*)=([^=]+)=([-+=].*)$/is.exec(local) ?? []
  if (hash1 === undefined || first === undefined || rest === undefined) throw new Trouble('5.1.1', 'this is no SRS address')
  verify(hash1, [first, rest], srs)
  return `SRS0${rest}@${first}`
}

function sign(parts: readonly string[], { secrets, hashLength }: Srs): string {
  return hashOf(parts, secrets[0] as string).slice(0, hashLength)
}

/** Case does not count, because hosts on the way may have changed it. */
function verify(hash: string, parts: readonly string[], { secrets, hashMinimum }: Srs): void {
  const given = Buffer.from(lowerCase(hash), 'latin1')
  const known = secrets.some((secret) => {
    const expected = Buffer.from(lowerCase(hashOf(parts, secret).slice(0, hash.length)), 'latin1')
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
  if (hash.length < hashMinimum || !known) throw new Trouble('5.1.1', 'this SRS address was not made here')
}

function hashOf(parts: readonly string[], secret: string): string {
  const hmac = createHmac('sha1', Buffer.from(secret, 'latin1'))
  for (const part of parts) hmac.update(Buffer.from(lowerCase(part), 'latin1'))
  return hmac.digest('base64').replace('=', '')
}

function dayOf(now: number): string {
  const day = Math.floor(now / daySeconds) % days
  return `${digits[day >> 5]}${digits[day & 31]}`
}

/** Days count modulo 1024, so one from the future is very old. */
function refuseOld(day: string, { maxAgeDays }: Srs, now: number): void {
  const [high, low] = [...day.toUpperCase()].map((digit) => digits.indexOf(digit))
  if (day.length !== 2 || high === undefined || low === undefined || high < 0 || low < 0)
    throw new Trouble('5.1.1', 'this SRS address has no date')
  const today = Math.floor(now / daySeconds) % days
  if ((today - 32 * high - low + days) % days > maxAgeDays) throw new Trouble('5.1.1', 'this SRS address is too old')
}
