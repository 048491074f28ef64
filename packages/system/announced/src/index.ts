/** What a home says of itself to the world: its domains, where people find their mail, its MTA-STS policy. */
export { Announced, type Service, type ServiceName, type StsPolicy, serviceNames } from './announced.ts'
