/** A demand in words, for people. */
import { tlsaText } from '@yabumi/dane'
import type { Demand, Proof, Refusal } from './demand.ts'

/** `TLS and a certificate for mx.example.org, by MTA-STS`. */
export function demandText(demand: Demand | Refusal): string {
  if ('reason' in demand) return `nothing is sent now, by ${demand.by}: ${demand.reason}`
  const { tls, proof, fault, minVersion, by } = demand
  if (tls === 'none') return `clear text, by ${by}`
  const version = minVersion === 'TLSv1.3' ? ' 1.3' : ''
  if (tls === 'may') {
    const look = proof === undefined ? '' : `, and a look at whether it shows ${proofText(proof)}`
    return `TLS${version} if it can be had${look}${fault === undefined ? '' : `, though ${fault}`}, by ${by}`
  }
  return `TLS${version}${proof === undefined ? ', whoever it is' : ` and ${proofText(proof)}`}, by ${by}`
}

function proofText(proof: Proof): string {
  if (proof.kind === 'pin') return 'a certificate or key with its fingerprint'
  if (proof.kind === 'dane') return `what its TLSA records say (${proof.records.map(tlsaText).join(', ')})`
  return `a certificate for ${proof.names.join(' or ')}${proof.ca === undefined ? '' : ` by ${proof.ca}`}`
}
