/**
 * When a message is tried, the marks by which an administrator changes that, and what can be told of it from outside.
 */
export { type Known, type Outlook, outlookOf } from './outlook.ts'
export { askedTime, type ChannelName, heldUntil, holdAsked, isHeld, nextRetry, retryAll, retryAsked } from './times.ts'
