// Shows /state and refreshes itself. Everything that comes from the cluster reaches the page as
// text nodes and checked links only, never as markup: names are chosen by strangers.

const refreshMilliseconds = 2000;
const rowsMax = 500; // of one table; more would only make the browser slow

// ---- small helpers ------------------------------------------------------------------------------

function element(name, className = '', text = '') {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// Leaves what is already right untouched, so that selections survive a refresh.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setClass(node, className) {
  if (node.className !== className) node.className = className;
}

function number(value) {
  return (Math.round((value || 0) * 100) / 100).toLocaleString('en');
}

function megabytes(value) {
  if (value >= 1024 * 1024) return `${number(value / 1024 / 1024)} TB`;
  if (value >= 1024) return `${number(value / 1024)} GB`;
  return `${number(value)} MB`;
}

function ago(seconds, now) {
  if (!seconds) return '';
  const age = Math.max(0, now - seconds);
  if (age < 60) return `${Math.floor(age)} s ago`;
  if (age < 3600) return `${Math.floor(age / 60)} min ago`;
  if (age < 86400) return `${Math.floor(age / 3600)} h ago`;
  return `${Math.floor(age / 86400)} d ago`;
}

function safeLink(address) {
  try {
    const url = new URL(address);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : '';
  } catch {
    return '';
  }
}

const stateTones = {
  active: 'good', connected: 'good', TASK_RUNNING: 'good', TASK_FINISHED: 'good',
  TASK_STAGING: 'busy', TASK_STARTING: 'busy', TASK_KILLING: 'busy', draining: 'busy',
  TASK_KILLED: 'idle', inactive: 'idle', drained: 'idle', completed: 'idle',
};

// ---- cells --------------------------------------------------------------------------------------
// A cell has a title and a function that brings a <td> up to date.

function textCell(title, text, className = '') {
  return {title, className, update: (cell, item) => {
    const shown = text(item);
    setText(cell, shown);
    if (className === 'name') cell.title = shown;
  }};
}

function stateCell(title, state) {
  return {title, className: '', update: (cell, item) => {
    if (!cell.firstChild) cell.append(element('span'));
    const word = state(item);
    setClass(cell.firstChild, `state ${stateTones[word] || 'bad'}`);
    setText(cell.firstChild, word.replace('TASK_', '').toLowerCase());
  }};
}

function timeCell(title, seconds) {
  return {title, className: '', update: (cell, item, now) => {
    const moment = seconds(item);
    setText(cell, ago(moment, now));
    cell.title = moment ? new Date(moment * 1000).toISOString() : '';
  }};
}

function linkCell(title, text, address) {
  return {title, className: 'name', update: (cell, item) => {
    const href = safeLink(address(item));
    const wanted = href ? 'A' : 'SPAN';
    if (!cell.firstChild || cell.firstChild.tagName !== wanted) {
      cell.replaceChildren(element(wanted.toLowerCase()));
    }
    setText(cell.firstChild, text(item));
    if (href && cell.firstChild.href !== href) cell.firstChild.href = href;
    if (href) cell.firstChild.rel = 'noreferrer';
  }};
}

function updateBar(bar, used, offered, total) {
  while (bar.children.length < 2) {
    bar.append(element('span', bar.children.length ? 'offered' : 'used'));
  }
  const percent = (part) => `${total > 0 ? Math.min(100, 100 * part / total) : 0}%`;
  bar.children[0].style.width = percent(used);
  bar.children[1].style.width = percent(offered);
}

function usageCell(title, key, format) {
  return {title, className: 'usage', update: (cell, agent) => {
    if (!cell.firstChild) cell.append(element('span'), element('div', 'bar'));
    const used = agent.used_resources[key] || 0;
    const offered = agent.offered_resources[key] || 0;
    const total = agent.resources[key] || 0;
    setText(cell.children[0], `${format(used)} of ${format(total)}`);
    cell.title = `${format(used)} used, ${format(offered)} offered, ${format(total)} in all`;
    updateBar(cell.children[1], used, offered, total);
  }};
}

function resourcesText(resources) {
  const parts = [];
  if (resources.cpus) parts.push(`${number(resources.cpus)} CPU`);
  if (resources.gpus) parts.push(`${number(resources.gpus)} GPU`);
  if (resources.mem) parts.push(megabytes(resources.mem));
  if (resources.disk) parts.push(`${megabytes(resources.disk)} disk`);
  if (resources.ports) parts.push(`ports ${resources.ports}`);
  return parts.join(', ');
}

// ---- tables -------------------------------------------------------------------------------------

class Table {
  constructor(section, columns, key, emptyText) {
    this.section = document.getElementById(section);
    this.columns = columns;
    this.key = key;
    this.rows = new Map();
    this.head = element('tr');
    for (const column of columns) {
      const cell = element('th', column.className === 'number' ? 'number' : '', column.title);
      cell.scope = 'col';
      this.head.append(cell);
    }
    const heading = this.section.querySelector('h2');
    heading.id = `${section}-title`;
    const table = element('table');
    table.setAttribute('aria-labelledby', heading.id);
    const head = element('thead');
    head.append(this.head);
    this.body = element('tbody');
    table.append(head, this.body);
    this.scroll = element('div', 'scroll');
    this.scroll.tabIndex = 0;
    this.scroll.setAttribute('role', 'region');
    this.scroll.setAttribute('aria-labelledby', heading.id);
    this.scroll.append(table);
    this.note = element('p', 'empty');
    this.emptyText = emptyText;
    this.section.append(this.scroll, this.note);
  }

  update(items, now, total = items.length) {
    setText(this.section.querySelector('.count'), total ? number(total) : '');
    const shown = items.slice(0, rowsMax);
    const stale = new Set(this.rows.keys());
    let previous = null;
    for (const item of shown) {
      const key = this.key(item);
      stale.delete(key);
      const row = this.row(key);
      this.columns.forEach((column, index) => column.update(row.children[index], item, now));
      const place = previous ? previous.nextSibling : this.body.firstChild;
      if (place !== row) this.body.insertBefore(row, place);
      previous = row;
    }
    for (const key of stale) {
      this.rows.get(key).remove();
      this.rows.delete(key);
    }
    this.scroll.hidden = shown.length === 0;
    let note = '';
    if (total > shown.length) note = `The first ${number(shown.length)} of ${number(total)}.`;
    if (shown.length === 0) note = this.emptyText;
    setText(this.note, note);
    this.note.hidden = note === '';
  }

  row(key) {
    let row = this.rows.get(key);
    if (!row) {
      row = element('tr');
      for (const column of this.columns) row.append(element('td', column.className));
      this.rows.set(key, row);
    }
    return row;
  }
}

let current = {agentNames: new Map(), frameworkNames: new Map()}; // of the state being shown
const agentName = (id) => current.agentNames.get(id) || id;
const frameworkName = (id) => current.frameworkNames.get(id) || id;

const taskColumns = [
  textCell('Task', (task) => task.id, 'name'),
  textCell('Name', (task) => task.name, 'name'),
  stateCell('State', (task) => task.state),
  textCell('Framework', (task) => frameworkName(task.framework_id), 'name'),
  textCell('Agent', (task) => agentName(task.slave_id), 'name'),
  textCell('Role', (task) => task.role),
  textCell('Resources', (task) => resourcesText(task.resources)),
  timeCell('Since', (task) => (task.statuses.at(-1) || {}).timestamp),
];
const taskKey = (task) => JSON.stringify([task.framework_id, task.slave_id, task.id]);

function frameworkState(framework) {
  if (framework.active) return 'active';
  return framework.connected ? 'inactive' : 'disconnected';
}

const tables = {
  agents: new Table('agents', [
    textCell('Host', (agent) => `${agent.hostname}:${agent.port}`, 'name'),
    textCell('Id', (agent) => agent.id, 'name'),
    stateCell('State', (agent) => agent.condition || (agent.active ? 'active' : 'inactive')),
    usageCell('CPU', 'cpus', number),
    usageCell('Memory', 'mem', megabytes),
    usageCell('Disk', 'disk', megabytes),
    timeCell('Registered', (agent) => agent.registered_time),
  ], (agent) => agent.id,
  'No agent has registered yet. Start one with mesos-agent --master=HOST:PORT.'),
  frameworks: new Table('frameworks', [
    linkCell('Name', (framework) => framework.name, (framework) => framework.webui_url),
    textCell('Id', (framework) => framework.id, 'name'),
    stateCell('State', frameworkState),
    textCell('User', (framework) => framework.user),
    textCell('Roles', ({roles, role}) => (roles || [role]).join(', '), 'name'),
    textCell('Tasks', (framework) => number(framework.tasks.length), 'number'),
    textCell('Used', (framework) => resourcesText(framework.used_resources)),
    timeCell('Registered', (framework) => framework.registered_time),
  ], (framework) => framework.id, 'No framework is registered.'),
  tasks: new Table('tasks', taskColumns, taskKey, 'No task is running.'),
  offers: new Table('offers', [
    textCell('Offer', (offer) => offer.id),
    textCell('Framework', (offer) => frameworkName(offer.framework_id), 'name'),
    textCell('Agent', (offer) => agentName(offer.slave_id), 'name'),
    textCell('Role', (offer) => offer.allocation_info.role),
    textCell('Resources', (offer) => resourcesText(offer.resources)),
    timeCell('Made', (offer) => offer.made_at),
  ], (offer) => offer.id, 'No offer is waiting for an answer.'),
  completed: new Table('completed', taskColumns, taskKey, 'No task has completed yet.'),
};

// ---- header and tiles ---------------------------------------------------------------------------

function showFacts(facts) {
  const list = document.getElementById('facts');
  facts = facts.filter(([, value]) => value);
  while (list.children.length > facts.length) list.lastChild.remove();
  facts.forEach(([term, value], index) => {
    if (!list.children[index]) {
      const pair = element('div');
      pair.append(element('dt'), element('dd'));
      list.append(pair);
    }
    setText(list.children[index].children[0], term);
    setText(list.children[index].children[1], value);
  });
}

function showTiles(tiles) {
  const section = document.getElementById('tiles');
  tiles.forEach((tile, index) => {
    if (!section.children[index]) {
      const box = element('div', 'tile');
      box.append(element('div', 'label'), element('div', 'value'), element('div', 'detail'));
      if (tile.bar) box.insertBefore(element('div', 'bar'), box.lastChild);
      section.append(box);
    }
    const box = section.children[index];
    setText(box.children[0], tile.label);
    setText(box.children[1], tile.value);
    setText(box.lastChild, tile.detail);
    if (tile.bar) updateBar(box.children[2], ...tile.bar);
  });
}

function totals(state, key) {
  const sum = (field) => state.slaves.reduce((all, agent) => all + (agent[field][key] || 0), 0);
  return [sum('used_resources'), sum('offered_resources'), sum('resources')];
}

function resourceTile(label, state, key, format) {
  const [used, offered, total] = totals(state, key);
  const percent = total > 0 ? Math.round(100 * used / total) : 0;
  return {label, value: `${percent} %`, bar: [used, offered, total],
          detail: `${format(used)} of ${format(total)} used`};
}

function lastChange(task) {
  return (task.statuses.at(-1) || {}).timestamp || 0;
}

const newestFirst = (one, other) => lastChange(other) - lastChange(one);

function show(state) {
  const now = state.taken_time || Date.now() / 1000;
  const everyFramework = [...state.frameworks, ...state.completed_frameworks];
  current = {
    agentNames: new Map(
        state.slaves.map((agent) => [agent.id, `${agent.hostname}:${agent.port}`])),
    frameworkNames: new Map(
        everyFramework.map((framework) => [framework.id, framework.name])),
  };
  const tasks = state.frameworks.flatMap(
      (framework) => [...framework.tasks, ...framework.unreachable_tasks]);
  const completed = everyFramework.flatMap((framework) => framework.completed_tasks);
  const offers = state.frameworks.flatMap((framework) => framework.offers);
  const running = tasks.filter((task) => task.state === 'TASK_RUNNING').length;
  const name = state.cluster || 'Mesolite';
  const leader = state.leader_info;
  setText(document.getElementById('cluster'), name);
  document.title = `${name}: ${running} running`;
  showFacts([
    ['Leader', leader ? `${leader.hostname || state.hostname}:${leader.port}` : 'none'],
    ['Version', state.version],
    ['Elected', ago(state.elected_time, now)],
  ]);
  showTiles([
    {label: 'Agents', value: number(state.activated_slaves),
     detail: `${number(state.deactivated_slaves)} inactive, ` +
             `${number(state.unreachable_slaves)} unreachable`},
    {label: 'Frameworks', value: number(state.frameworks.length),
     detail: `${number(state.completed_frameworks.length)} completed`},
    {label: 'Tasks running', value: number(running),
     detail: `${number(tasks.length - running)} not running, ` +
             `${number(completed.length)} completed`},
    resourceTile('CPU', state, 'cpus', number),
    resourceTile('Memory', state, 'mem', megabytes),
    resourceTile('Disk', state, 'disk', megabytes),
  ]);
  tables.agents.update(state.slaves, now);
  tables.frameworks.update(state.frameworks, now);
  tables.tasks.update(tasks.sort(newestFirst), now);
  tables.offers.update(offers, now);
  tables.completed.update(completed.sort(newestFirst), now);
}

// ---- refreshing ---------------------------------------------------------------------------------

function showStatus(text, broken, link = '') {
  const status = document.getElementById('status');
  if (status.dataset.shown === text) return; // saying it again would be read aloud again
  status.dataset.shown = text;
  setClass(status, broken ? 'broken' : '');
  setText(status, text);
  if (link) {
    const anchor = element('a', '', 'Go to the leader');
    anchor.href = link;
    status.append(' ', anchor);
  }
}

async function refresh() {
  try {
    const patience = AbortSignal.timeout(10000);
    const response = await fetch('/state', {redirect: 'manual', signal: patience});
    if (response.type === 'opaqueredirect') {
      showStatus('This master does not lead.', true, '/redirect');
    } else if (!response.ok) {
      showStatus((await response.text()).slice(0, 200), true);
    } else {
      show(await response.json());
      showStatus('Live', false);
    }
  } catch (problem) {
    showStatus('The master cannot be reached, trying again…', true);
  }
}

let timer = 0;
async function loop() {
  clearTimeout(timer);
  await refresh();
  clearTimeout(timer); // another loop may have begun while this one waited
  if (!document.hidden) timer = setTimeout(loop, refreshMilliseconds);
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) clearTimeout(timer);
  else loop();
});
loop();
