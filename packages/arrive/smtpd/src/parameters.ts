/**
 * The parameters of MAIL and RCPT (RFC 5321 §4.1.2): a table each, and how they are read.
 *
 * A parameter that is not offered here and now is passed over, as qmail passes over all; with control/strictparameters
 * it is refused.
 */
import { asciiAddressText, isAscii, isUtf8Bytes } from '@yabumi/address'
import { type FactMap, type Facts, withFact } from '@yabumi/facts'
import { type Standing, takesReportTerms, takesUtf8 } from './keywords.ts'
import { reply } from './replies.ts'

/** What a client says with MAIL, beside its sender. */
export interface MailTerms {
  /** Bytes of the message on the wire; 0 where that is not said. */
  sizeBytes: number
  /** What is to go into the queue with it. */
  facts: Facts
}

interface Parameter<Terms> {
  /** Whether it counts. */
  readonly offered: (standing: Standing) => boolean
  /**
   * Take it into the terms.
   *
   * @param value - what follows `=`, a byte string; undefined without it
   * @returns the reply that refuses it
   */
  readonly take: (value: string | undefined, terms: Terms, standing: Standing) => string | undefined
}

export type Parameters<Terms> = Readonly<Record<string, Parameter<Terms>>>

const inEsmtp = ({ settings, extended }: Standing): boolean => settings.esmtp && extended

/** Of MAIL, by keyword in capitals. */
export const mailParameters: Parameters<MailTerms> = {
  // RFC 6152 §2
  BODY: {
    offered: inEsmtp,
    take: (value, terms) => {
      const body = value?.toUpperCase()
      if (body !== '7BIT' && body !== '8BITMIME') return reply.badBody
      terms.facts = withFact(terms.facts, 'BODY', body)
      return undefined
    },
  },
  // RFC 6531 §3.4
  SMTPUTF8: {
    offered: takesUtf8,
    take: (value, terms) => {
      if (value !== undefined) return reply.badUtf8
      terms.facts = withFact(terms.facts, 'SMTPUTF8', '1')
      return undefined
    },
  },
  // RFC 4954 §5: who has sent it elsewhere; nobody is believed so far
  AUTH: {
    offered: ({ settings, extended }) => settings.login !== undefined && extended,
    take: (value) => (value !== undefined && /^(?:<>|(?:[!-*,-<>-~]|\+[0-9A-F]{2})+)$/.test(value) ? undefined : reply.malformedAuth),
  },
  // RFC 3461 §4.3
  RET: {
    offered: takesReportTerms,
    take: (value, terms) => {
      const ret = value?.toUpperCase()
      if (ret !== 'FULL' && ret !== 'HDRS') return reply.badRet
      terms.facts = withFact(terms.facts, 'RET', ret)
      return undefined
    },
  },
  // RFC 3461 §4.4
  ENVID: {
    offered: takesReportTerms,
    take: (value, terms) => {
      if (value === undefined || !/^(?:[!-*,-<>-~]|\+[0-9A-F]{2}){1,100}$/.test(value)) return reply.badEnvid
      terms.facts = withFact(terms.facts, 'ENVID', value)
      return undefined
    },
  },
  // RFC 1870 §6.1
  SIZE: {
    offered: inEsmtp,
    take: (value, terms, { settings: { databytes } }) => {
      if (value === undefined || !/^[0-9]{1,20}$/.test(value)) return reply.badSize
      terms.sizeBytes = Number(value)
      return databytes > 0 && terms.sizeBytes > databytes ? reply.tooBig : undefined
    },
  },
}

/** A recipient, and what its client says of it. */
export interface NamedRecipient {
  readonly address: string
  facts: FactMap
}

const notifyForm = /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*)$/

/** Of RCPT (RFC 3461 §4.1, §4.2). */
export const recipientParameters: Parameters<Pick<NamedRecipient, 'facts'>> = {
  NOTIFY: {
    offered: takesReportTerms,
    take: (value, terms) => {
      const words = value?.toUpperCase() ?? ''
      if (!notifyForm.test(words) || new Set(words.split(',')).size < words.split(',').length) return reply.badNotify
      terms.facts = new Map([...terms.facts, ['NOTIFY', words]])
      return undefined
    },
  },
  ORCPT: {
    offered: takesReportTerms,
    take: (value, terms, standing) => {
      const text = value !== undefined && /^utf-8;/i.test(value) ? plainUtf8(value, standing) : value
      if (text === undefined || text.length > 500 || !/^[A-Za-z0-9-]{1,64};(?:[!-*,-<>-~]|\+[0-9A-F]{2})+$/.test(text))
        return reply.badOrcpt
      terms.facts = new Map([...terms.facts, ['ORCPT', text]])
      return undefined
    },
  },
}

/** An address of the type utf-8 may stand there as it is (RFC 6533 §3). */
function plainUtf8(value: string, standing: Standing): string | undefined {
  if (isAscii(value)) return value
  return takesUtf8(standing) && isUtf8Bytes(value) ? value.replace(/[\x80-\xff]+/g, asciiAddressText) : undefined
}

/**
 * Take parameters into the terms.
 *
 * @param text - what follows an address
 * @returns the reply to the first that is wrong; undefined if none is
 */
export function readParameters<Terms>(text: string, known: Parameters<Terms>, terms: Terms, standing: Standing): string | undefined {
  const seen = new Set<string>()
  for (const word of text.split(' ')) {
    if (word === '') continue
    const equals = word.indexOf('=')
    const keyword = (equals < 0 ? word : word.slice(0, equals)).toUpperCase()
    const parameter = Object.hasOwn(known, keyword) ? known[keyword] : undefined
    if (parameter?.offered(standing) !== true) {
      if (standing.settings.strictParameters) return reply.unknownParameter
      continue
    }
    if (seen.has(keyword)) return reply.repeatedParameter
    seen.add(keyword)
    const refusal = parameter.take(equals < 0 ? undefined : word.slice(equals + 1), terms, standing)
    if (refusal !== undefined) return refusal
  }
  return undefined
}
