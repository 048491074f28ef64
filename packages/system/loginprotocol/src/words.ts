/** Where the programs are called, in the home. */
export const authSocket = 'authd.sock'
export const sessionSocket = 'sessiond.sock'
