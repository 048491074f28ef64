/** Where the programs are called, in the home. */
export const authSocket = 'authd.sock'
/** As long as a timer can wait: sessions may be silent. */
export const foreverSeconds = 2_000_000
export const sessionSocket = 'sessiond.sock'
