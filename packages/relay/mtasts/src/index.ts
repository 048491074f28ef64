/**
 * MTA-STS (RFC 8461): a domain says, in the DNS and on a web server, that its mail hosts have TLS with right
 * certificates. It says, too, what these hosts are called.
 */
export { type Found, PolicyBook } from './book.ts'
export { fetchPolicy, isPublic, type Web } from './fetch.ts'
export { matches, type Policy, parsePolicy, policyIn, type Response } from './policy.ts'
export { idOf, parseRecord } from './record.ts'
export { forgetPolicy } from './store.ts'
