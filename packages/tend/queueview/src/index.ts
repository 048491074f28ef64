/**
 * The messages in the queue as their files say, for programs that only look. The working directory is queue/.
 *
 * Files go while they are read: what is not there any more is undefined, never an error.
 */
export { readQueueFile } from './file.ts'
export { isBouncing, type Listing, listPart, listQueued } from './listing.ts'
export {
  type Channel,
  type ChannelFile,
  channels,
  type Info,
  type Message,
  type Recipient,
  readChannel,
  readInfo,
  readMessage,
  readRecipients,
  sizeOf,
} from './message.ts'
export { type QueuedMessage, readQueued } from './queued.ts'
