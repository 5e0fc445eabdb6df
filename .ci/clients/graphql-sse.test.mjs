import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from 'graphql-sse'
import { assertFirstEvent, assertParts, authorization, customerID, deferProjects, recorder, url, viewerID, watchBoard, wrongToken } from './gateway.mjs'

// connect returns a client in distinct connections mode, and what it exchanges.
function connect(t, options) {
	const { exchanges, fetch } = recorder()
	const client = createClient({
		url,
		singleConnection: false,
		retryAttempts: 0,
		headers: { Authorization: authorization },
		fetchFn: fetch,
		...options,
	})
	t.after(() => client.dispose())
	return { client, exchanges }
}

async function all(client, payload) {
	const results = []
	for await (const result of client.iterate(payload)) {
		results.push(result)
	}
	return results
}

test('query: one result, then the end', async (t) => {
	const { client, exchanges } = connect(t)
	assert.deepEqual(await all(client, { query: '{ viewer { id } }' }), [{ data: { viewer: { id: viewerID } } }])
	assert.deepEqual(
		exchanges.map(({ method, status, type }) => [method, status, type]),
		[['POST', 200, 'text/event-stream']],
	)
})

test('query with variables and operationName', async (t) => {
	const { client } = connect(t)
	const [result] = await all(client, {
		query: 'query Tasks($first: Int!) { tasks(first: $first) { nodes { id } } } query Viewer { viewer { id } }',
		operationName: 'Tasks',
		variables: { first: 3 },
	})
	assert.equal(result.errors, undefined)
	assert.equal(result.data.tasks.nodes.length, 3)
})

test('subscription: the first event has the whole board, and the client can leave', async (t) => {
	const { client } = connect(t)
	const events = client.iterate({ query: watchBoard })
	const { value } = await events.next()
	assert.equal(value.errors, undefined)
	await assertFirstEvent(value.data.taskBoardChanges)
	await events.return()

	const again = client.iterate({ query: watchBoard })
	assert.equal((await again.next()).done, false)
	await again.return()
})

// What is wrong with a document is a result too, as browsers' EventSource shows no other response
// to those who use it.
test('a document that is wrong is the only result', async (t) => {
	const { client } = connect(t)
	const results = await all(client, { query: 'subscription { nothing }' })
	assert.equal(results.length, 1)
	assert.equal('data' in results[0], false)
	assert.deepEqual(results[0].errors.map(({ extensions }) => extensions.code), ['GRAPHQL_VALIDATION_FAILED'])
})

// Who asks is no matter of the document, and is settled before there is a stream.
test('a wrong token is a network error with status 401 and the code', async (t) => {
	const { client } = connect(t, { headers: { Authorization: `Bearer ${wrongToken}` } })
	const { response } = await all(client, { query: watchBoard }).then(assert.fail, (error) => error)
	assert.equal(response.status, 401)
	const { errors } = await response.json()
	assert.deepEqual(errors.map(({ extensions }) => extensions.code), ['UNAUTHENTICATED'])
})

test('@defer: the rest comes as an event of its own', async (t) => {
	const { client } = connect(t)
	assertParts(await all(client, { query: deferProjects, variables: { id: await customerID() } }))
})
