/** Where a user's mail lies, for those who serve it: the mailbox that deliveries go to. */
export { mailboxOfDeliveries } from './delivered.ts'
