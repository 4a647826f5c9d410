// A hook for tracing, like node:diagnostics_channel but for every platform: free while nobody listens [BASE-161].

/**
 * Trace events of one node. The node looks at {@link isActive} before it makes an event, so that tracing costs one
 * property read when off. A subscriber that throws is ignored: tracing never changes what is traced.
 */
export class Trace<Event> {
  #subscribers: readonly ((event: Event) => void)[] = [];

  /** Whether anybody subscribes. Read it before making an event. */
  get isActive(): boolean {
    return this.#subscribers.length > 0;
  }

  /** Calls `subscriber` with every event from now on, inside the node's turn. @returns a function that ends it */
  subscribe(subscriber: (event: Event) => void): () => void {
    if (typeof subscriber !== "function") throw new TypeError("a trace subscriber is a function");
    // A function of its own, so that subscribing the same one twice can be ended once.
    const entry = (event: Event): void => subscriber(event);
    this.#subscribers = [...this.#subscribers, entry];
    return () => {
      this.#subscribers = this.#subscribers.filter((other) => other !== entry);
    };
  }

  /** Tells the subscribers. */
  publish(event: Event): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(event);
      } catch {
        // See the class: nothing good can be done here with an error of the observer.
      }
    }
  }
}
