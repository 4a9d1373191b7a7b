// The way back to whoever forked this process: Electron's parentPort in a utility process, Node's channel otherwise.
interface ElectronParentPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  postMessage(message: unknown): void
}

export interface ParentPort {
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** The host has gone: helpers must end too. */
  onClosed(listener: () => void): void
}

export function openParentPort(): ParentPort {
  const electronPort = (process as { parentPort?: ElectronParentPort }).parentPort
  if (electronPort) {
    return {
      post: (message) => electronPort.postMessage(message),
      onMessage: (listener) => electronPort.on('message', (event) => listener(event.data)),
      onClosed: () => {},
    }
  }
  return {
    post: (message) => {
      if (process.connected) process.send?.(message)
    },
    onMessage: (listener) => void process.on('message', listener),
    onClosed: (listener) => void process.on('disconnect', listener),
  }
}
