// Starts GraphiQL with the settings the server wrote into the page.
'use strict';

// What adds style elements to the page looks for their nonce here.
globalThis.__webpack_nonce__ = document.currentScript.nonce;

const settings = JSON.parse(document.getElementById('settings').textContent);

// Subscriptions go over a WebSocket, which gets the headers in connection_init.
const subscriptionUrl = new URL(settings.endpoint, location.href);
subscriptionUrl.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: settings.endpoint, subscriptionUrl: subscriptionUrl.href }),
    defaultTabs: settings.examples,
    // Headers are never stored by the browser, so a stored tab gets the token of this page.
    defaultHeaders: settings.headers,
    shouldPersistHeaders: false,
    schemaDescription: true,
    defaultEditorToolsVisibility: 'headers',
  }),
);
