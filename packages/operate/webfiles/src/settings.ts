/**
 * The settings of a mail reader, in the three forms that mail readers ask for. Logins are whole addresses.
 *
 * In      domains and addresses of which no character means anything in XML
 */
import { createHash } from 'node:crypto'
import type { Announced, Service } from '@yabumi/announced'

const declaration = '<?xml version="1.0" encoding="utf-8"?>\n'

function sends({ name }: Service): boolean {
  return name.startsWith('submission')
}

function hasTlsAtOnce({ name }: Service): boolean {
  return name.endsWith('s')
}

/** `submission`, `imap`, `pop3`. */
function protocolOf({ name }: Service): string {
  return name.replace(/s$/, '')
}

/** Thunderbird's form. */
export function autoconfig(domain: string, { host, services }: Announced): string {
  const servers = services.map((service) => {
    const element = sends(service) ? 'outgoingServer' : 'incomingServer'
    return [
      `    <${element} type="${sends(service) ? 'smtp' : protocolOf(service)}">`,
      `      <hostname>${host}</hostname>`,
      `      <port>${service.port}</port>`,
      `      <socketType>${hasTlsAtOnce(service) ? 'SSL' : 'STARTTLS'}</socketType>`,
      '      <authentication>password-cleartext</authentication>',
      '      <username>%EMAILADDRESS%</username>',
      `    </${element}>\n`,
    ].join('\n')
  })
  return [
    `${declaration}<clientConfig version="1.1">\n  <emailProvider id="${domain}">\n    <domain>${domain}</domain>\n`,
    `    <displayName>${domain}</displayName>\n    <displayShortName>${domain}</displayShortName>\n`,
    ...servers,
    '  </emailProvider>\n</clientConfig>\n',
  ].join('')
}

const exchange = 'http://schemas.microsoft.com/exchange/autodiscover'

/** Outlook's form. */
export function autodiscover(address: string, { host, services }: Announced): string {
  const protocols = services.map((service) => {
    const type = sends(service) ? 'SMTP' : protocolOf(service).toUpperCase()
    const tls = hasTlsAtOnce(service) ? '<SSL>on</SSL>' : '<SSL>off</SSL><Encryption>TLS</Encryption>'
    return [
      `      <Protocol><Type>${type}</Type><Server>${host}</Server><Port>${service.port}</Port><LoginName>${address}</LoginName>`,
      `<DomainRequired>off</DomainRequired><SPA>off</SPA>${tls}<AuthRequired>on</AuthRequired></Protocol>\n`,
    ].join('')
  })
  return [
    `${declaration}<Autodiscover xmlns="${exchange}/responseschema/2006">\n`,
    `  <Response xmlns="${exchange}/outlook/responseschema/2006a">\n`,
    '    <Account>\n      <AccountType>email</AccountType>\n      <Action>settings</Action>\n',
    ...protocols,
    '    </Account>\n  </Response>\n</Autodiscover>\n',
  ].join('')
}

/** Apple's form; undefined where nothing is fetched, or nothing is sent. */
export function mobileconfig(address: string, { host, services }: Announced): string | undefined {
  const incoming = services.find((service) => protocolOf(service) === 'imap') ?? services.find((service) => !sends(service))
  const outgoing = services.find(sends)
  if (incoming === undefined || outgoing === undefined) return undefined
  const account = [
    string('PayloadType', 'com.apple.mail.managed'),
    string('PayloadIdentifier', `${host}.mail`),
    string('PayloadUUID', uuidOf(`account ${address}`)),
    '<key>PayloadVersion</key><integer>1</integer>',
    string('PayloadDisplayName', address),
    string('EmailAccountDescription', address),
    string('EmailAddress', address),
    string('EmailAccountType', protocolOf(incoming) === 'imap' ? 'EmailTypeIMAP' : 'EmailTypePOP'),
    ...server('Incoming', host, incoming, address),
    ...server('Outgoing', host, outgoing, address),
    '<key>OutgoingPasswordSameAsIncomingPassword</key><true/>',
  ]
  const profile = [
    string('PayloadType', 'Configuration'),
    string('PayloadIdentifier', host),
    string('PayloadUUID', uuidOf(`profile ${address}`)),
    '<key>PayloadVersion</key><integer>1</integer>',
    string('PayloadDisplayName', `Mail for ${address}`),
    `<key>PayloadContent</key><array><dict>\n${account.join('\n')}\n</dict></array>`,
  ]
  return `${declaration}<plist version="1.0"><dict>\n${profile.join('\n')}\n</dict></plist>\n`
}

function server(direction: string, host: string, service: Service, address: string): string[] {
  return [
    string(`${direction}MailServerHostName`, host),
    `<key>${direction}MailServerPortNumber</key><integer>${service.port}</integer>`,
    `<key>${direction}MailServerUseSSL</key><true/>`,
    string(`${direction}MailServerUsername`, address),
    string(`${direction}MailServerAuthentication`, 'EmailAuthPassword'),
  ]
}

function string(key: string, value: string): string {
  return `<key>${key}</key><string>${value}</string>`
}

/** The same for the same words, so that a second profile takes the place of the first (RFC 9562 §5.8). */
function uuidOf(words: string): string {
  const digits = createHash('sha256').update(words.toLowerCase()).digest('hex')
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}
