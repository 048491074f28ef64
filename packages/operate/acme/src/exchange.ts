/**
 * One request to the server of an authority, and its answer.
 *
 * Bound   an answer has acmeAnswerBytes and acmeAnswerSeconds; nothing is followed, and only https is asked
 */
import { request } from 'node:https'
import { acmeAnswerBytes, acmeAnswerSeconds } from '@yabumi/limits'
import { errorText, Trouble } from '@yabumi/trouble'

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Bytes as characters. */
  readonly body: string
}

/** @param body - a signed message; undefined: only look. @throws Trouble 4.4.1 where there is no answer */
export function exchange(url: string, method: 'GET' | 'HEAD' | 'POST', ca: string | undefined, body?: string): Promise<Answered> {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new Trouble('4.4.1', 'the authority names an address that is not https')
  const { host } = new URL(url)
  return new Promise((resolve, reject) => {
    const fail = (problem: string): void => {
      clearTimeout(timer)
      sent.destroy()
      reject(new Trouble('4.4.1', `${host}: ${problem}`))
    }
    const headers = { 'User-Agent': 'yabumi-acme', ...(body === undefined ? {} : { 'Content-Type': 'application/jose+json' }) }
    const sent = request(url, { method, headers, agent: false, ...(ca === undefined ? {} : { ca }) })
    const timer = setTimeout(fail, acmeAnswerSeconds * 1_000, 'no answer in time')
    sent.on('error', (error) => fail(errorText(error)))
    sent.on('response', (response) => {
      const pieces: Buffer[] = []
      let bytes = 0
      response.on('error', (error) => fail(errorText(error)))
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > acmeAnswerBytes) fail('its answer is too long')
        else pieces.push(piece)
      })
      response.on('end', () => {
        clearTimeout(timer)
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body: Buffer.concat(pieces).toString('latin1') })
      })
    })
    sent.end(body)
  })
}
