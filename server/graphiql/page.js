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

// storage is where GraphiQL keeps its state. Headers may hold a token, so that none are stored: tabs, history and
// editor are stored without them, and have those of this page when they are read.
const storage = {
  getItem: (name) => replaceHeaders(name, localStorage.getItem(name), settings.headers),
  setItem: (name, text) => localStorage.setItem(name, replaceHeaders(name, text, '')),
  removeItem: (name) => localStorage.removeItem(name),
  clear() {
    Object.keys(localStorage)
      .filter((name) => name.startsWith('graphiql:'))
      .forEach((name) => localStorage.removeItem(name));
  },
  get length() {
    return localStorage.length;
  },
};

function replaceHeaders(name, text, headers) {
  if (name === 'graphiql:headers') {
    return headers;
  }
  const list = { 'graphiql:tabState': 'tabs', 'graphiql:queries': 'queries', 'graphiql:favorites': 'favorites' }[name];
  if (!list || !text) {
    return text;
  }
  const state = JSON.parse(text);
  if (!Array.isArray(state[list])) {
    return text; // by whatever else has been at this address
  }
  return JSON.stringify({ ...state, [list]: state[list].map((item) => ({ ...item, headers })) });
}

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    storage,
    defaultTabs: settings.examples.map((example) => ({ ...example, headers: settings.headers })),
    defaultHeaders: settings.headers,
    // See storage. Otherwise tabs would forget them, and the history empty the editor.
    shouldPersistHeaders: true,
    showPersistHeadersSettings: false,
    schemaDescription: true,
    defaultEditorToolsVisibility: 'headers',
  }),
);
