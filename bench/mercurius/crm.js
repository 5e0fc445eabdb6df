// Reads from the two CRMs in the name of one viewer.
import { request } from 'undici'

export function connect ({ proPortalURL, solosURL, solosToken, solosSecret, authorization }) {
  const proPortal = async (path) => {
    const text = await get(`${proPortalURL}/api/crm/workspace${path}`, { headers: { accept: 'application/json', authorization } })
    return JSON.parse(text)
  }
  const solos = async (path, options) => {
    const headers = { accept: 'application/json', 'x-crypto-token': solosToken, 'x-crypto-secret': solosSecret }
    if (options) headers['content-type'] = 'application/json'
    return parseExactly(await get(`${solosURL}/backend/public${path}`, { ...options, headers }))
  }

  return {
    async portfolio (first) {
      const usual = 50 // customers on a page
      const page = await proPortal(first > usual ? `/portfolio?page=1&perPage=${first}` : '/portfolio?page=1')
      return { totalCount: page.total, nodes: page.data.slice(0, first).map(customer) }
    },

    async tasks (status) {
      const rows = await proPortal(`/tasks?status=${wireStatus[status]}`)
      return rows.map((row) => task(row, status))
    },

    async projects (first) {
      const rows = await solos(`/projects?count=${first + 1}&offset=0&order_by=id&reverse=0&deleted=0`)
      return rows.slice(0, first).map(project)
    },

    async projectsOf (customers) {
      const filter = { count: 1000, offset: 0, order_by: 'id', reverse: '0', deleted: '0', condition: 'and', data: { client_id: customers } }
      const rows = await solos('/projects/filter', { method: 'POST', body: JSON.stringify(filter) })
      return rows.map(project)
    },

    project: async (id) => project(await solos(`/projects/info?id=${id}`)),

    async steps (projectId) {
      const rows = await solos(`/projects/steps?id=${projectId}`)
      return rows.map((row) => ({ name: row.name, date: moscow(row.date) }))
    },

    async actions (projectId, first) {
      const rows = await solos(`/projects/actions?id=${projectId}&count=${first + 1}&offset=0`)
      return rows.slice(0, first).map((row) => ({ typeName: row.type, date: moscow(row.date), text: row.text }))
    },

    async payments (projectId, first) {
      const rows = await solos(`/projects/payments?id=${projectId}&count=${first + 1}&offset=0`)
      return rows.slice(0, first).map((row) => ({ type: row.type === 0 ? 'WRITE_OFF' : 'RECEIPT', date: moscow(row.date), sum: row.sum }))
    },

    async goods (projectId) {
      const rows = await solos(`/projects/goods?id=${projectId}`)
      return rows.map((row) => ({ name: row.name, quantity: row.quantity, sum: row.sum }))
    },

    async checklists (projectId) {
      const rows = await solos(`/projects/checklists?id=${projectId}`)
      return rows.map((row) => ({
        name: row.name,
        items: row.items.map((item) => ({ name: item.name, isDone: item.done === 1 }))
      }))
    }
  }
}

async function get (url, options) {
  const { statusCode, body } = await request(url, options)
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`${new URL(url).pathname} answered ${statusCode}`)
  return text
}

// JSON.parse makes floats of amounts, which then lack their last digits. In quotes they
// arrive as they are; a library that parses them exactly takes far longer.
const amounts = /"(price|sum|quantity)":(-?\d[\d.]*)/g

function parseExactly (text) {
  return JSON.parse(text.replace(amounts, '"$1":"$2"'))
}

const wireStatus = { PLANNED: 'planned', OVERDUE: 'duedate', COMPLETED: 'completed' }
const types = { Звонок: 'CALL', Встреча: 'MEETING' }

function customer (row) {
  const number = Number(row.client_id)
  const { posledniy_resultat_text: result, data_posledniy_contact_unixtime: contact } = row
  const { vyruchka_za_god: amount, vyruchka_period: period } = row
  return {
    number,
    id: nodeId('Customer', number),
    name: row.name,
    industry: row.okved_vid_deyatelnosti,
    valuation: row.priority === null ? null : Number(row.priority),
    lastActivity: result === null && contact === null ? null : { result, at: contact === null ? null : instant(Number(contact) * 1000) },
    revenue: amount === null && period === null ? null : { amount, period }
  }
}

function task (row, status) {
  return {
    number: row.id,
    customer: row.customer.id,
    start: row.start_date,
    id: nodeId('Task', row.id),
    status,
    type: types[row.type] ?? null,
    startsAt: instant(row.start_date),
    comment: row.comment
  }
}

function project (row) {
  return {
    number: row.id,
    customer: Number(row.data.client_id),
    data: row.data,
    id: nodeId('Project', row.id),
    name: row.name,
    price: row.price,
    createdAt: moscow(row.created)
  }
}

function nodeId (kind, number) {
  return Buffer.from(`${kind}:${number}`).toString('base64url')
}

function instant (milliseconds) {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z')
}

// solOS writes its dates in Moscow's time, which is three hours ahead.
function moscow (text) {
  if (text === null) return null
  const [day, clock = '00:00:00'] = text.split(' ')
  return instant(Date.parse(`${day}T${clock}+03:00`))
}
