import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { assertFirstEvent, assertParts, authorization, customerID, deferProjects, socketURL, token, viewerID, watchBoard, wrongToken } from './gateway.mjs'

// connect returns a client that is disposed of when the test ends.
function connect(t, options) {
	const client = createClient({ url: socketURL, webSocketImpl: WebSocket, retryAttempts: 0, ...options })
	t.after(() => client.dispose())
	return client
}

// all returns every result of an operation.
async function all(client, payload) {
	const results = []
	for await (const result of client.iterate(payload)) {
		results.push(result)
	}
	return results
}

// The ways in which clients hand over a token.
const connectionParams = {
	'Authorization with its scheme': { Authorization: authorization },
	'authorization in lower case': { authorization },
	'bare token': { token },
	'bare authToken': { authToken: token },
	'a function': async () => ({ Authorization: authorization }),
}
for (const [name, params] of Object.entries(connectionParams)) {
	test(`query with the token of connectionParams: ${name}`, async (t) => {
		const client = connect(t, { connectionParams: params })
		assert.deepEqual(await all(client, { query: '{ viewer { id } }' }), [{ data: { viewer: { id: viewerID } } }])
	})
}

test("query with the token of the upgrade's header", async (t) => {
	class WithHeader extends WebSocket {
		constructor(address, protocols) {
			super(address, protocols, { headers: { Authorization: authorization } })
		}
	}
	const client = connect(t, { webSocketImpl: WithHeader })
	assert.deepEqual(await all(client, { query: '{ viewer { id } }' }), [{ data: { viewer: { id: viewerID } } }])
})

test('query with variables and operationName', async (t) => {
	const client = connect(t, { connectionParams: { token } })
	const [result] = await all(client, {
		query: 'query Tasks($first: Int!) { tasks(first: $first) { nodes { id } } } query Viewer { viewer { id } }',
		operationName: 'Tasks',
		variables: { first: 3 },
	})
	assert.equal(result.errors, undefined)
	assert.equal(result.data.tasks.nodes.length, 3)
})

test('a wrong token closes the connection as forbidden', async (t) => {
	const client = connect(t, { connectionParams: { token: wrongToken } })
	await assert.rejects(all(client, { query: '{ viewer { id } }' }), (event) => {
		assert.equal(event.code, 4403)
		assert.equal(event.reason, 'Forbidden')
		return true
	})
})

test('a client whose token was wrong gets in with another one', async (t) => {
	let attempts = 0
	const client = connect(t, {
		connectionParams: () => ({ token: attempts++ === 0 ? wrongToken : token }),
		retryAttempts: 1,
		retryWait: async () => {},
		shouldRetry: (event) => event.code === 4403,
	})
	assert.deepEqual(await all(client, { query: '{ viewer { id } }' }), [{ data: { viewer: { id: viewerID } } }])
	assert.equal(attempts, 2)
})

test('without a token an operation is refused, and the connection stays', async (t) => {
	let connections = 0
	const client = connect(t, { lazy: false, on: { connected: () => connections++ } })
	for (let attempt = 0; attempt < 2; attempt++) {
		await assert.rejects(all(client, { query: '{ viewer { id } }' }), ([error]) => {
			assert.equal(error.extensions.code, 'UNAUTHENTICATED')
			return true
		})
	}
	assert.equal(connections, 1)
})

test('a document that is wrong is an error of its operation', async (t) => {
	const client = connect(t, { connectionParams: { token } })
	await assert.rejects(all(client, { query: '{ nothing }' }), ([error]) => {
		assert.equal(error.extensions.code, 'GRAPHQL_VALIDATION_FAILED')
		assert.match(error.message, /nothing/)
		return true
	})
	const [result] = await all(client, { query: '{ viewer { id } }' })
	assert.equal(result.data.viewer.id, viewerID)
})

test('subscription: the first event has the whole board, and others go on beside it', async (t) => {
	let connections = 0
	const closed = withResolvers()
	const client = connect(t, {
		connectionParams: { token },
		on: { connected: () => connections++, closed: closed.resolve },
	})
	const events = client.iterate({ query: watchBoard })
	const { value } = await events.next()
	assert.equal(value.errors, undefined)
	await assertFirstEvent(value.data.taskBoardChanges)

	const [result] = await all(client, { query: '{ viewer { id } }' })
	assert.equal(result.data.viewer.id, viewerID)
	assert.equal(connections, 1)

	await events.return()
	const { code, wasClean } = await closed.promise
	assert.deepEqual({ code, wasClean }, { code: 1000, wasClean: true })
})

test("the client's pings are answered", async (t) => {
	const answered = withResolvers()
	const client = connect(t, {
		keepAlive: 50,
		connectionParams: { token },
		on: { pong: (received) => received && answered.resolve() },
	})
	const events = client.iterate({ query: watchBoard })
	await events.next()
	await answered.promise
	await events.return()
})

test('@defer: the rest comes as a result of its own', async (t) => {
	const client = connect(t, { connectionParams: { token } })
	assertParts(await all(client, { query: deferProjects, variables: { id: await customerID() } }))
})

// withResolvers returns a promise and what resolves it.
function withResolvers() {
	let resolve
	const promise = new Promise((settle) => (resolve = settle))
	return { promise, resolve }
}
