// The version of the treaty, apart from the schemas so that the preload script stays a few lines.
/** Raised by one when a request or event changes shape; both sides compare it when they connect. */
export const contractVersion = 1
