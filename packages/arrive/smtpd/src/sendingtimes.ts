/** Parameters of MAIL about when a message is to leave and to arrive, how urgent it is, and how safely it travels. */
import { nowSeconds } from '@yabumi/dates'
import { withFact } from '@yabumi/facts'
import { leastDeadlineSeconds } from '@yabumi/limits'
import { takesDeadlines, takesHolds, takesPriorities, takesTlsDemand } from './keywords.ts'
import { type MailTerms, mailParameters, type Parameters } from './parameters.ts'
import { reply } from './replies.ts'

/** Hold it until then. @param seconds - since 1970; NaN where none were said @returns the refusal */
function hold(seconds: number, terms: MailTerms, mostSeconds: number): string | undefined {
  const now = nowSeconds()
  if (!(seconds > now && seconds <= now + mostSeconds) || terms.facts.message.has('HOLD')) return reply.badHold
  terms.facts = withFact(terms.facts, 'HOLD', String(seconds))
  return undefined
}

const utcForm = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/i

const sendingTimes: Parameters<MailTerms> = {
  // RFC 4865 §3: one of both
  HOLDFOR: {
    offered: takesHolds,
    take: (value, terms, { settings }) => {
      const seconds = /^[0-9]{1,9}$/.test(value ?? '') ? nowSeconds() + Number(value) : Number.NaN
      return hold(seconds, terms, settings.holdSeconds)
    },
  },
  HOLDUNTIL: {
    offered: takesHolds,
    take: (value, terms, { settings }) => {
      const seconds = value !== undefined && utcForm.test(value) ? Date.parse(value.toUpperCase()) / 1000 : Number.NaN
      return hold(seconds, terms, settings.holdSeconds)
    },
  },
  // RFC 2852 §4
  BY: {
    offered: takesDeadlines,
    take: (value, terms) => {
      const [, seconds = '', mode = '', trace = ''] = /^(-?[0-9]{1,9});([NR])(T?)$/.exec(value?.toUpperCase() ?? '') ?? []
      if (mode === '' || (mode === 'R' && Number(seconds) <= 0)) return reply.badDeadline
      if (mode === 'R' && Number(seconds) < leastDeadlineSeconds) return reply.shortDeadline
      terms.facts = withFact(terms.facts, 'BY', `${Math.max(nowSeconds() + Number(seconds), 0)};${mode}${trace}`)
      return undefined
    },
  },
  // RFC 6710 §4
  'MT-PRIORITY': {
    offered: takesPriorities,
    take: (value, terms) => {
      if (value === undefined || !/^(?:0|-?[1-9])$/.test(value)) return reply.badPriority
      terms.facts = withFact(terms.facts, 'PRIORITY', value)
      return undefined
    },
  },
  // RFC 8689 §4.1
  REQUIRETLS: {
    offered: takesTlsDemand,
    take: (value, terms) => {
      if (value !== undefined) return reply.badTlsDemand
      terms.facts = withFact(terms.facts, 'REQUIRETLS', '1')
      return undefined
    },
  },
}

/** Every parameter of MAIL. */
export const allMailParameters: Parameters<MailTerms> = { ...mailParameters, ...sendingTimes }
