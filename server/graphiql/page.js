// Starts GraphiQL with the settings the server wrote into the page.
'use strict';

// What adds style elements to the page looks for their nonce here.
globalThis.__webpack_nonce__ = document.currentScript.nonce;

const settings = JSON.parse(document.getElementById('settings').textContent);

// fetcher asks for an operation. It is not GraphiQL's own, which tries a refused WebSocket again for
// 40 s without a word, and spoils letters that come in two pieces.
const fetcher = (params, options) => ({
  subscribe(observer) {
    const leaving = new AbortController();
    ask(params, options?.headers, leaving.signal, (result) => observer.next(result)).then(
      () => observer.complete(),
      (error) => leaving.signal.aborted || observer.error(error),
    );
    return { unsubscribe: () => leaving.abort() };
  },
});

// ask hands every result of an operation to take: one, or those of the events that come instead
// where it is a subscription or defers something.
async function ask(params, headers, signal, take) {
  const all = new Headers({ 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' });
  Object.entries(headers ?? {}).forEach(([name, value]) => all.set(name, value));
  const response = await fetch(settings.endpoint, { method: 'POST', headers: all, body: JSON.stringify(params), signal });
  if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
    take(await response.json());
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let unread = ''; ; ) {
    const { done, value } = await reader.read();
    if (done) {
      throw new Error('The server has gone before the last event.');
    }
    const events = (unread + value).split('\n\n');
    unread = events.pop();
    for (const event of events) {
      const [, name, data] = event.match(/^event: (.*)\ndata: ([^]*)$/) ?? [];
      if (name === 'next') {
        take(JSON.parse(data));
      } else if (name === 'complete') {
        return;
      }
    }
  }
}

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultTabs: settings.examples,
    // Headers are never stored by the browser, so a stored tab gets the token of this page.
    defaultHeaders: settings.headers,
    shouldPersistHeaders: false,
    schemaDescription: true,
    defaultEditorToolsVisibility: 'headers',
  }),
);
