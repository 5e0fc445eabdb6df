// The gateway that the tests run against, and what they need to look over a client's shoulder.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

// url is the gateway's GraphQL endpoint, and token that of a viewer with tasks and customers.
export const url = required('GATEWAY_URL')
export const token = required('GATEWAY_TOKEN')
export const socketURL = url.replace(/^http/, 'ws')
export const authorization = `Bearer ${token}`

// viewerID is the id of that viewer.
export const viewerID = String(JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub)

// wrongToken is the viewer's token with another signature.
export const wrongToken = token.replace(/[^.]+$/, (signature) => [...signature].reverse().join(''))

function required(name) {
	const value = process.env[name]
	assert.ok(value, `${name} is not set: give the URL of the GraphQL endpoint as GATEWAY_URL and a token as GATEWAY_TOKEN`)
	return value
}

// unique returns an operation name that no document had before, so that its hash is unknown to
// a gateway that has been running for a while.
export const unique = (prefix) => prefix + randomUUID().replaceAll('-', '')

// recorder returns a fetch that keeps what it exchanged.
export function recorder() {
	const exchanges = []
	const fetch = async (input, init = {}) => {
		const response = await globalThis.fetch(input, init)
		exchanges.push({
			method: init.method ?? 'GET',
			url: new URL(input),
			body: init.body ? JSON.parse(init.body) : undefined,
			status: response.status,
			type: response.headers.get('content-type')?.split(';')[0],
		})
		return response
	}
	return { exchanges, fetch }
}

// ask returns the data that a plain request has.
export async function ask(query, variables) {
	const response = await fetch(url, {
		method: 'POST',
		headers: { Authorization: authorization, 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
		body: JSON.stringify({ query, variables }),
	})
	assert.equal(response.status, 200)
	return (await response.json()).data
}

// board asks for as much of the viewer's task board as boardFields has.
export const boardFields = 'planned { id status } completed { id status } overdue { id status }'
export const board = async () => (await ask(`{ taskBoard { ${boardFields} } }`)).taskBoard

// customerID returns the id of a customer of the viewer that has projects.
export async function customerID() {
	const data = await ask('{ portfolio(first: 100) { nodes { id projects(first: 1) { nodes { id } } } } }')
	const customer = data.portfolio.nodes.find(({ projects }) => projects.nodes.length > 0)
	assert.ok(customer, 'the viewer has no customer with projects')
	return customer.id
}

// deferProjects asks for a customer of the viewer, and for its projects after that. The name
// comes from ProPortal, the projects from solOS.
export const deferProjects = `query ($id: ID!) {
	customer(id: $id) { id name ... on Customer @defer(label: "projects") { projects(first: 2) { nodes { id name } } } }
}`

// deferTasks asks for customers, and for the tasks of each after that; directive is @defer, or
// nothing to have all at once.
export const deferTasks = (directive) => `{
	portfolio(first: 5) { nodes { id name ... on Customer ${directive} { tasks(first: 2) { totalCount nodes { id } } } } }
}`

// assertParts checks the responses that deferProjects has, as they come over the wire.
export function assertParts([first, ...rest]) {
	assert.ok(first.data.customer.name)
	assert.equal('projects' in first.data.customer, false)
	assert.equal(first.hasNext, true)
	assert.deepEqual(rest.map(({ hasNext }) => hasNext), rest.map((_, i) => i < rest.length - 1))
	const parts = rest.flatMap(({ incremental = [] }) => incremental)
	assert.deepEqual(parts.map(({ label, path }) => ({ label, path })), [{ label: 'projects', path: ['customer'] }])
	assert.ok(parts[0].data.projects.nodes.length > 0)
}

// watchBoard subscribes to the viewer's task board.
export const watchBoard = `subscription { taskBoardChanges {
	board { ${boardFields} } asOf added { id } changed { id } removedIds
} }`

// assertFirstEvent checks that a subscription begins with the whole board and without changes.
export async function assertFirstEvent(change) {
	const listed = Object.values(plain(change.board)).flat()
	assert.ok(listed.length > 0, 'the board is empty')
	assert.deepEqual(plain(change.board), await board())
	assert.ok(!Number.isNaN(Date.parse(change.asOf)), `asOf is ${change.asOf}`)
	assert.deepEqual([change.added, change.changed, change.removedIds], [[], [], []])
}

// plain returns a result without what clients add to it: __typename and prototypes.
export const plain = (value) =>
	JSON.parse(JSON.stringify(value, (key, member) => (key === '__typename' ? undefined : member)))
