/** TLS of a server: its certificates and keys, found, read and watched, and what begins TLS with them (spec §16). */
export { authorities, authoritiesIn } from './authorities.ts'
export { certificateExpiries, type Expiry } from './expiry.ts'
export { channelBinding, type TlsFacts } from './facts.ts'
export { type Beginning, ServerTls } from './servertls.ts'
