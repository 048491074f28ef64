/** TCP listeners for the servers (smtpd, popup, imapd): addresses, limits, rules for clients, an end in good order. */
export { callerBehind, callerOf } from './caller.ts'
export { ClientRate } from './clientrate.ts'
export { clientOf, type Door, doorsOf, doorText, type Endpoint, endpointText, networksOf, parseEndpoint } from './endpoint.ts'
export { type Ends, type Full, Listener, type ListenOptions, listen, type Recount } from './listen.ts'
export { type ProxyHeader, readProxyHeader } from './proxyheader.ts'
export { noRule, type Rule } from './rule.ts'
export { ClientRules } from './rules.ts'
export { connectionVariables } from './variables.ts'
