/** What a message's sender demands of each host on its way: verified TLS (RFC 8689), and a time (RFC 2852). */
import { nowSeconds } from '@yabumi/dates'
import type { FactMap } from '@yabumi/facts'
import { type Capabilities, numberOffered } from './offers.ts'
import * as texts from './texts.ts'

/** @returns what MAIL says of them, with a blank in front of each; or the report, where the host cannot do it */
export function demandedParameters(
  facts: FactMap,
  { capabilities, address, shown }: { readonly capabilities: Capabilities; readonly address: string; readonly shown: string | undefined },
): string | { readonly report: string; readonly elsewhere?: true } {
  if (facts.has('REQUIRETLS') && (!shown || !capabilities.has('REQUIRETLS')))
    return { report: texts.noRequiredTls(address), elsewhere: true }
  const by = facts.get('BY')
  const deadline = by === undefined ? '' : deadlineFor(by, capabilities)
  if (deadline === undefined) return { report: texts.noDeadline(address) }
  const priority = capabilities.has('MT-PRIORITY') ? facts.get('PRIORITY') : undefined
  return `${facts.has('REQUIRETLS') ? ' REQUIRETLS' : ''}${deadline}${priority === undefined ? '' : ` MT-PRIORITY=${priority}`}`
}

/** The seconds that are left. @returns undefined where the message is to come back rather than be late, and the host will not see to that */
function deadlineFor(by: string, capabilities: Capabilities): string | undefined {
  const [until = '', mode = ''] = by.split(';')
  const seconds = Number(until) - nowSeconds()
  const comesBack = mode.startsWith('R')
  const takes = capabilities.has('DELIVERBY') && (!comesBack || seconds >= Math.max(numberOffered(capabilities, 'DELIVERBY') ?? 1, 1))
  return takes ? ` BY=${seconds};${mode}` : comesBack ? undefined : ''
}
