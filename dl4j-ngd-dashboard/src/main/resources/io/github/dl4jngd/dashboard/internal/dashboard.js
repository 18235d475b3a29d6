'use strict';

/* Asks the server for runs and readings, and says what they mean. Every name becomes text, never markup. */
(() => {
  const PERIOD = 1000;
  const PERIOD_LOST = 2000;
  const LONGEST_ANSWER = 15000;
  /* Runs in the charts of all runs where nobody has chosen. */
  const COMPARED = 6;
  const MOST_OTHERS = 8;
  const LAYER = 'lambda_max_of_';
  const LAYER_RATIO = 'rate_over_boundary_of_';
  /* Of steps that are fitted to the curvature along them, whose own boundary does not depend on λ_max. */
  const KEPT = 'rate_over_kept_step_boundary';
  const LAYER_KEPT = KEPT + '_of_';
  const LAYER_COLUMNS = [LAYER, LAYER_RATIO, LAYER_KEPT];

  const {number, isNumber} = Charts;
  const at = (id) => document.getElementById(id);
  const text = (id, value) => {
    const element = at(id);
    if (element.textContent !== value) {
      element.textContent = value;
    }
  };

  /* The address may name a run. */
  const named = new URLSearchParams(location.search).get('run');

  const page = {
    session: null,
    runs: new Map(),
    order: [],
    shown: null,
    /* Whether somebody has chosen what is shown, and what is compared: then a new run changes neither. */
    chosen: named !== null,
    chosenName: named,
    compared: new Set(),
    comparedChosen: false,
    lost: false,
    about: {},
  };

  /* ---- What the server has ---- */

  async function get(path) {
    const answer = await fetch(path, {cache: 'no-store', signal: AbortSignal.timeout(LONGEST_ANSWER)});
    if (!answer.ok) {
      throw new Error(path + ' answered ' + answer.status);
    }
    return answer.json();
  }

  function newRun(entry) {
    return {number: entry.number, entry, series: new Map(), cursor: '', stamp: null, more: false, info: {}};
  }

  function takeList(list) {
    if (list.session !== page.session) {
      /* Another server: its numbers are others. Runs are found again by their names. */
      const before = page.runs.get(page.shown);
      page.chosenName = !page.chosen ? null : before ? before.entry.name : page.chosenName;
      page.session = list.session;
      page.runs.clear();
      page.order = [];
      page.shown = null;
      page.compared.clear();
      page.comparedChosen = false;
    }
    const there = new Set();
    const added = [];
    for (const entry of list.runs) {
      there.add(entry.number);
      const run = page.runs.get(entry.number);
      if (run) {
        run.entry = entry;
      } else {
        page.runs.set(entry.number, newRun(entry));
        added.push(entry.number);
      }
    }
    for (const gone of [...page.runs.keys()].filter((each) => !there.has(each))) {
      page.runs.delete(gone);
    }
    page.order = [...added, ...page.order.filter((each) => there.has(each))];
    page.about = list;
    choose(added);
  }

  function choose(added) {
    if (page.chosenName !== null) {
      const same = page.order.find((each) => page.runs.get(each).entry.name === page.chosenName);
      if (same !== undefined) {
        page.shown = same;
        page.chosenName = null;
      }
    }
    if (!page.runs.has(page.shown)) {
      page.shown = page.order.length > 0 ? page.order[0] : null;
      page.chosen = page.chosen && page.chosenName !== null;
    } else if (added.length > 0 && !page.chosen) {
      page.shown = added[0];
    }
    if (!page.comparedChosen) {
      page.compared = new Set(page.order.slice(0, COMPARED));
    }
  }

  function takeReadings(run, answer) {
    if (answer.reset) {
      run.series.clear();
    }
    for (const [kind, part] of Object.entries(answer.series)) {
      let series = run.series.get(kind);
      if (!series) {
        series = {columns: new Map(), rows: 0, latest: null, bucket: 1};
        run.series.set(kind, series);
      }
      const fresh = part.columns.iteration.length;
      for (const [name, values] of Object.entries(part.columns)) {
        const column = series.columns.get(name) || new Array(part.keep).fill(null);
        column.length = part.keep;
        for (const value of values) {
          column.push(value);
        }
        series.columns.set(name, column);
      }
      series.rows = part.keep + fresh;
      series.bucket = part.bucket;
      series.latest = part.latest || null;
    }
    run.cursor = answer.cursor;
    run.stamp = answer.stamp;
    run.more = answer.more;
    run.info = answer;
  }

  /* Readings of a run where it has new ones; whether there were any. */
  async function update(run) {
    if (run.stamp === run.entry.stamp && !run.more) {
      return false;
    }
    const answer = await get('api/runs/' + run.number + '?after=' + run.cursor);
    if (answer.session !== page.session) {
      throw new Error('another server');
    }
    takeReadings(run, answer);
    return true;
  }

  async function poll() {
    let news = false;
    let more = false;
    try {
      takeList(await get('api/runs'));
      for (const run of page.order.map((each) => page.runs.get(each))) {
        if (run.number === page.shown || page.compared.has(run.number)) {
          news = await update(run) || news;
          more = more || run.more;
        }
      }
      page.lost = false;
    } catch (error) {
      page.lost = true;
    }
    render(news);
    return more && !page.lost ? 0 : page.lost ? PERIOD_LOST : PERIOD;
  }

  let waiting = null;
  let polling = false;

  async function loop() {
    if (polling) {
      return;
    }
    clearTimeout(waiting);
    if (document.hidden) {
      return; // looked at again, the page asks again
    }
    polling = true;
    let period = PERIOD_LOST;
    try {
      period = await poll();
    } finally {
      polling = false;
      waiting = setTimeout(loop, period);
    }
  }

  document.addEventListener('visibilitychange', loop);

  /* ---- What it means ---- */

  const kinds = ['stable', 'near', 'beyond', 'unknown'];
  const words = {
    stable: 'stable',
    near: 'near the boundary',
    beyond: 'BEYOND the boundary',
    unknown: 'no boundary known',
  };

  const textOf = (value) => (typeof value === 'string' ? value : '');

  /* Of an older build the comparison was gradient descent's, whatever the updater was. */
  const isOld = (latest) => !('boundary' in latest.values) && !('rule' in latest.details);

  function ratioOf(latest) {
    const preconditioned = isOld(latest) && isNumber(latest.values.natural_gradient_step);
    const ratio = latest.values.rate_over_boundary;
    return isNumber(ratio) && !preconditioned ? ratio : null;
  }

  function kindOf(latest) {
    const ratio = ratioOf(latest);
    if (ratio === null) {
      return 'unknown';
    }
    if (kinds.includes(latest.details.verdict)) {
      return latest.details.verdict;
    }
    return ratio <= 0.5 ? 'stable' : ratio <= 1 ? 'near' : 'beyond';
  }

  const isFitted = (latest) => KEPT in latest.values;
  const isPreconditioned = (latest) => isFitted(latest) || isNumber(latest.values.preconditioned_lambda_max);

  function layersOf(values) {
    const layers = [];
    for (const [name, value] of Object.entries(values)) {
      if (name.startsWith(LAYER)) {
        const layer = name.slice(LAYER.length);
        const own = values[LAYER_RATIO + layer];
        layers.push({
          name: layer, lambda: value, ratio: isNumber(own) ? own : null, kept: values[LAYER_KEPT + layer],
        });
      }
    }
    for (const name of Object.keys(values).filter((each) => each.startsWith(LAYER_RATIO))) {
      const layer = name.slice(LAYER_RATIO.length);
      if (!layers.some((each) => each.name === layer)) {
        layers.push({name: layer, lambda: null, ratio: values[name], kept: null});
      }
    }
    return layers;
  }

  function sharpest(latest) {
    const layers = layersOf(latest.values);
    const ratio = ratioOf(latest);
    const lambda = latest.values.lambda_max;
    const plain = !isPreconditioned(latest) && ratio !== null && lambda > 0;
    for (const each of layers) {
      if (!isNumber(each.ratio)) {
        /* The boundary of plain rules goes as 1/λ, so that a layer's ratio follows from its λ_max. */
        each.ratio = plain && isNumber(each.lambda) ? ratio * each.lambda / lambda : null;
      }
    }
    const size = (each) => [each.ratio, each.kept, each.lambda, -1].find(isNumber);
    const rated = layers.filter((each) => isNumber(each.ratio) || isNumber(each.kept));
    const among = rated.length > 0 ? rated : layers;
    return among.reduce((best, each) => (best === null || size(each) > size(best) ? each : best), null);
  }

  function remark(layer, latest) {
    const ratio = ratioOf(latest);
    if (isNumber(layer.kept)) {
      const whole = latest.values[KEPT];
      return number(layer.kept) + '× its boundary if the step were kept'
        + (whole > 1 && layer.kept <= 1 ? '; all layers together ' + number(whole) + '×' : '');
    }
    if (isNumber(layer.ratio) && layer.ratio > 1) {
      return 'its block is beyond by itself';
    }
    if (isNumber(layer.ratio) && ratio > 1) {
      return 'no layer is beyond alone: together they are';
    }
    const share = layer.lambda / latest.values.lambda_max;
    return isNumber(share) ? number(100 * share) + ' % of λ_max' : '';
  }

  function lately(latest) {
    const told = latest.details.beyond_lately;
    const beyond = told && isNumber(told.beyond) ? told.beyond : latest.beyond;
    const of = told && isNumber(told.of) ? told.of : latest.lately;
    return of > 0 ? 'beyond in ' + beyond + ' of the last ' + of + ' readings' : '';
  }

  function ruleText(latest) {
    const told = textOf(latest.details.rule_text);
    const updater = textOf(latest.details.updater);
    if (told || updater) {
      return [updater, told].filter((each) => each).join(': ');
    }
    return isOld(latest) ? 'an older build wrote this: 2/λ_max holds for plain gradient descent alone' : '';
  }

  function renderVerdict(latest) {
    at('verdict').hidden = latest === null;
    if (latest === null) {
      return;
    }
    const kind = kindOf(latest);
    const ratio = ratioOf(latest);
    const values = latest.values;
    at('verdict').className = 'card ' + kind;
    text('ratio', ratio === null ? '' : number(ratio) + '×');
    text('words', words[kind]);
    text('lately', ratio === null ? '' : lately(latest));
    if (ratio !== null) {
      const place = 50 + 25 * Math.max(-2, Math.min(2, Math.log10(Math.max(ratio, 1e-9))));
      at('needle').style.left = Math.max(1, Math.min(99, place)) + '%';
      at('gauge').setAttribute('aria-label', number(ratio) + ' times its boundary');
    }
    const layer = sharpest(latest);
    text('layer', layer === null ? '–' : layer.name);
    at('layer').title = layer === null ? '' : layer.name;
    text('layer-ratio', layer !== null && isNumber(layer.ratio) ? number(layer.ratio) + '×' : '');
    text('layer-remark', layer === null ? 'no layer was read by itself' : remark(layer, latest));
    const old = isOld(latest) && ratio !== null;
    const largest = isNumber(values.boundary) ? values.boundary : old ? values.two_over_lambda_max : null;
    text('rates', number(values.rate) + ' → ' + (isNumber(largest) ? number(largest) : 'not known'));
    text('rule', ruleText(latest));
    text('when', latest.iteration + ' · ' + latest.epoch);
    text('cost', [
      isNumber(values.reading_share) ? 'readings: ' + number(100 * values.reading_share) + ' % of training time' : '',
      isNumber(values.milliseconds) ? number(values.milliseconds) + ' ms a reading' : '',
    ].filter((each) => each).join(', '));
  }

  /* ---- Charts ---- */

  const column = (series, name) => series.columns.get(name) || new Array(series.rows).fill(null);
  const has = (series, name) => Boolean(series) && series.columns.has(name) && series.columns.get(name).some(isNumber);
  const iterations = (series) => series.columns.get('iteration');

  function ratioColumn(series, latest) {
    const old = latest !== null && isOld(latest);
    const step = column(series, 'natural_gradient_step');
    return column(series, 'rate_over_boundary').map((ratio, i) => (old && isNumber(step[i]) ? null : ratio));
  }

  function renderSharpness(place, series, latest) {
    const x = iterations(series);
    const ratio = ratioColumn(series, latest);
    const preconditioned = has(series, 'preconditioned_lambda_max');
    const lambda = column(series, preconditioned ? 'preconditioned_lambda_max' : 'lambda_max');
    /* Every boundary is c/λ: λ may grow up to λ over the ratio. */
    const fitted = isFitted(latest);
    const over = fitted ? column(series, KEPT) : ratio;
    const limit = lambda.map((value, i) => (isNumber(value) && over[i] > 0 ? value / over[i] : null));
    const known = limit.some(isNumber);
    const rule = textOf(latest.details.rule);
    const plain = !preconditioned && (rule === 'gradient descent' || isOld(latest));
    const name = preconditioned ? 'λ_max, preconditioned' : 'λ_max';
    const limitName = plain ? '2/η' : fitted ? 'largest if the step were kept' : 'largest stable';
    const lines = [{name, color: 1, stepped: true, values: lambda}];
    if (known) {
      lines.push({name: limitName, color: 0, dash: true, stepped: true, values: limit});
    }
    Charts.lines(place, 'sharpness', false, {
      title: !known ? 'λ_max' : plain ? 'λ_max and 2/η'
        : name + ' and where ' + 'it would be unstable' + (fitted ? ' if the step were kept' : ''),
      note: !known ? ruleText(latest) || 'No boundary is known.'
        : fitted
          ? 'Each step is fitted to the curvature along it, so that the solid line may be above the dashed one for a while. '
            + 'The verdict is that of the step itself. Shaded: beyond.'
          : 'Training is stable along the top eigenvector while the solid line is below the dashed one. Shaded: beyond.',
      x, lines, logY: true, sync: true, height: 260,
      beyond: ratio.map((each) => each > 1),
    });
  }

  function renderLayers(place, series, latest) {
    const names = [...series.columns.keys()];
    const layers = [...new Set(names
      .map((name) => [name, LAYER_COLUMNS.find((prefix) => name.startsWith(prefix))])
      .filter(([, prefix]) => prefix)
      .map(([name, prefix]) => name.slice(prefix.length)))];
    if (layers.length === 0) {
      Charts.hide('layers');
      return;
    }
    const x = iterations(series);
    const ratio = ratioColumn(series, latest);
    const lambda = column(series, 'lambda_max');
    const fitted = isFitted(latest);
    const plain = !fitted && !has(series, 'preconditioned_lambda_max');
    let diverging = true;
    let rows = layers.map((layer) => {
      const own = series.columns.get((fitted ? LAYER_KEPT : LAYER_RATIO) + layer);
      const block = column(series, LAYER + layer);
      return x.map((_, i) => {
        if (own && isNumber(own[i])) {
          return own[i];
        }
        return plain && isNumber(ratio[i]) && isNumber(block[i]) ? ratio[i] * block[i] / lambda[i] : null;
      });
    });
    if (!rows.some((row) => row.some(isNumber))) {
      diverging = false;
      rows = layers.map((layer) => column(series, LAYER + layer)
        .map((value, i) => (isNumber(value) ? value / lambda[i] : null)));
    }
    Charts.heatMap(place, 'layers', {
      title: !diverging ? 'λ_max of each layer, as a share of the whole'
        : 'Rate over each layer’s own boundary' + (fitted ? ' if the step were kept' : ''),
      note: !diverging ? 'No boundary is known; the darker, the sharper.'
        : 'Blue: below. Red, with a cross: beyond'
          + (fitted ? ', which a fitted step may be for a while' : '')
          + '. The paler, the nearer to the boundary.',
      x, names: layers, rows, diverging, unit: diverging ? '×' : ' of λ_max',
    });
  }

  function join(parts) {
    const joined = uPlot.join(parts.map((part) => [part.x, part.values]));
    return {x: joined[0], columns: joined.slice(1)};
  }

  const gapless = (values) => values.map((value) => (value === undefined ? null : value));

  function renderCompared(place) {
    const runs = page.order.map((each) => page.runs.get(each)).filter((run) => page.compared.has(run.number));
    const rated = runs
      .map((run) => ({run, series: run.series.get('spectrum')}))
      .filter(({series}) => series && series.latest && has(series, 'rate_over_boundary'))
      .map(({run, series}) => ({
        name: run.entry.name, color: run.number, x: iterations(series), values: ratioColumn(series, series.latest),
      }));
    const lossy = runs
      .map((run) => ({name: run.entry.name, color: run.number, loss: lossOf(run)}))
      .filter((each) => each.loss !== null)
      .map((each) => ({name: each.name, color: each.color, x: each.loss.x, values: each.loss.values}));
    const several = page.runs.size > 1;
    at('compared').hidden = !several;
    const rating = several && rated.length > 0;
    if (rating) {
      const joined = join(rated);
      Charts.lines(place, 'all-ratios', true, {
        title: 'Rate over its boundary, all runs',
        note: 'Above the dashed line a rate is beyond its boundary.',
        x: joined.x,
        lines: [
          ...rated.map((each, i) => ({
            name: each.name, color: each.color, spanGaps: true, values: gapless(joined.columns[i]),
          })),
          {name: 'boundary', color: -1, dash: true, width: 1.5, values: joined.x.map(() => 1)},
        ],
        logY: true,
      });
    } else {
      Charts.hide('all-ratios');
    }
    if (several && lossy.length > 0) {
      const joined = join(lossy);
      Charts.lines(place, 'all-losses', true, {
        title: 'Loss, all runs',
        x: joined.x,
        lines: lossy.map((each, i) => ({
          name: each.name, color: each.color, spanGaps: true, values: gapless(joined.columns[i]),
        })),
        logY: true,
      });
    } else {
      Charts.hide('all-losses');
    }
  }

  function lossOf(run) {
    for (const [kind, name] of [['spectrum', 'loss'], ['steps', 'loss'], ['evaluation', 'test_loss']]) {
      const series = run.series.get(kind);
      if (has(series, name)) {
        return {x: iterations(series), values: column(series, name)};
      }
    }
    return null;
  }

  /* A small chart of some columns, where one of them has numbers. */
  function small(shown, id, title, series, lines, options) {
    const there = series ? lines.filter((line) => has(series, line.of)) : [];
    if (there.length === 0) {
      return;
    }
    shown.add(id);
    Charts.lines(at('small'), id, true, Object.assign({
      title,
      x: iterations(series),
      lines: there.map((line) => Object.assign({values: column(series, line.of)}, line)),
      logY: true,
      height: 190,
    }, options));
  }

  function renderLoss(shown, run) {
    const parts = [
      ['spectrum', 'loss', 'minibatch', 0],
      ['steps', 'loss', 'minibatch', 0],
      ['evaluation', 'train_loss', 'training set', 2],
      ['evaluation', 'test_loss', 'test set', 1],
    ].map(([kind, name, label, color]) => ({series: run.series.get(kind), name, label, color}))
      .filter((part) => has(part.series, part.name))
      .filter((part, i, all) => all.findIndex((each) => each.label === part.label) === i)
      .map((part) => ({
        x: iterations(part.series), values: column(part.series, part.name), name: part.label, color: part.color,
      }));
    if (parts.length === 0) {
      return;
    }
    const joined = join(parts);
    shown.add('loss');
    Charts.lines(at('small'), 'loss', true, {
      title: 'Loss',
      x: joined.x,
      lines: parts.map((part, i) => ({
        name: part.name, color: part.color, spanGaps: true, values: gapless(joined.columns[i]),
      })),
      logY: true,
      height: 190,
    });
  }

  /* Shares of eigenvalues above bounds, of the quadratures of a density; nothing where they are of no use. */
  function density(found) {
    if (!Array.isArray(found)) {
      return null;
    }
    const points = [];
    for (const each of found) {
      if (!each || !Array.isArray(each.nodes) || !Array.isArray(each.weights)) {
        return null;
      }
      each.nodes.forEach((node, i) => {
        if (isNumber(node) && isNumber(each.weights[i])) {
          points.push({node, weight: each.weights[i] / found.length});
        }
      });
    }
    const largest = points.reduce((most, point) => Math.max(most, point.node), 0);
    if (!(largest > 0)) {
      return null;
    }
    const x = [];
    const values = [];
    for (let i = 80; i >= 0; i--) {
      const bound = largest * Math.pow(10, -6 * i / 80) * (1 - 1e-6);
      x.push(bound);
      values.push(points.reduce((sum, point) => sum + (point.node > bound ? point.weight : 0), 0));
    }
    return {x, values};
  }

  const KNOWN = new Set([
    'iteration', 'epoch', 'lambda_max', 'two_over_lambda_max', 'learning_rate', 'natural_gradient_step', 'rate',
    'rate_over_boundary', 'boundary', 'preconditioned_lambda_max', 'trace', 'products', 'converged', 'milliseconds',
    'model', 'loss', 'reading_share', 'alpha', 'anisotropy', 'damping', 'step', 'reduction_ratio', 'train_loss',
    'test_loss', 'train_accuracy', 'test_accuracy', 'seconds', KEPT,
  ]);
  const isKnown = (name) =>
    KNOWN.has(name) || /^lambda_\d+$/.test(name) || LAYER_COLUMNS.some((prefix) => name.startsWith(prefix));

  function renderSmall(run) {
    const shown = new Set();
    const spectrum = run.series.get('spectrum');
    const latest = spectrum ? spectrum.latest : null;
    const steps = run.series.get('steps');
    const evaluation = run.series.get('evaluation');
    renderLoss(shown, run);
    small(shown, 'accuracy', 'Accuracy', evaluation, [
      {of: 'train_accuracy', name: 'training set', color: 2, spanGaps: true},
      {of: 'test_accuracy', name: 'test set', color: 1},
    ], {logY: false});
    small(shown, 'rates-chart', 'Rate and its boundary', spectrum, [
      {of: 'rate', name: 'rate', color: 1},
      {of: 'boundary', name: 'boundary', color: 0, dash: true},
    ], {note: latest && isFitted(latest) ? 'Along each step, on its own minibatch.'
      : 'The same boundary as above, in units of the rate.'});
    small(shown, 'damping', 'Damping ρ and step', steps, [
      {of: 'damping', name: 'ρ', color: 2},
      {of: 'step', name: 'step', color: 6},
    ]);
    small(shown, 'isotropy', 'Isotropy: α̂ and anisotropy', steps, [
      {of: 'alpha', name: 'α̂', color: 0},
      {of: 'anisotropy', name: 'anisotropy', color: 3},
    ]);
    small(shown, 'reduction', 'Reduction ratio', steps, [{of: 'reduction_ratio', name: 'ratio', color: 4}],
      {logY: false, note: '1: the loss fell as the quadratic model said.'});
    if (spectrum) {
      const top = [...spectrum.columns.keys()].filter((name) => /^lambda_\d+$/.test(name)).slice(0, 7);
      if (top.length > 0) {
        small(shown, 'top', 'Largest eigenvalues', spectrum, [
          {of: 'lambda_max', name: 'λ_1', color: 1},
          ...top.map((name, i) => ({of: name, name: name.replace('lambda_', 'λ_'), color: i + 2})),
        ]);
      }
      small(shown, 'trace', 'Sum of all eigenvalues', spectrum, [{of: 'trace', name: 'trace', color: 2}]);
    }
    const found = latest ? density(latest.details.density) : null;
    if (found) {
      shown.add('density');
      Charts.lines(at('small'), 'density', true, {
        title: 'Eigenvalues above λ, at iteration ' + latest.iteration,
        x: found.x, xLabel: 'λ', logX: true, logY: true, height: 190,
        lines: [{name: 'fraction above λ', color: 3, values: found.values}],
      });
    }
    renderOthers(shown, run);
    Charts.hideOthers(at('small'), shown);
  }

  /* Numbers that this page has no words for, such as those of a listener of one's own. */
  function renderOthers(shown, run) {
    let count = 0;
    for (const kind of ['spectrum', 'steps']) {
      const series = run.series.get(kind);
      for (const name of series ? series.columns.keys() : []) {
        if (!isKnown(name) && has(series, name) && count < MOST_OTHERS) {
          small(shown, 'other-' + count, name, series, [{of: name, name, color: count}], {logY: false});
          count++;
        }
      }
    }
  }

  /* ---- The rest of the page ---- */

  function ago(seconds) {
    if (seconds < 120) {
      return Math.round(seconds) + ' s';
    }
    return seconds < 7200 ? Math.round(seconds / 60) + ' min' : Math.round(seconds / 3600) + ' h';
  }

  function renderState(run) {
    let state = 'waiting';
    let told = 'Waiting for a run in ' + (page.about.folder || 'the folder');
    if (page.lost) {
      state = 'lost';
      told = 'The server does not answer; trying again';
    } else if (run && run.entry.status === 'finished') {
      state = 'finished';
      told = 'finished';
    } else if (run) {
      state = run.entry.seconds_ago < 60 ? 'training' : 'silent';
      told = state === 'training' ? 'training' : 'last reading ' + ago(run.entry.seconds_ago) + ' ago';
    }
    document.body.dataset.state = state;
    text('state', told);
  }

  let listed = '';

  function renderList() {
    const form = JSON.stringify(page.order.map((each) => [each, page.runs.get(each).entry.name]));
    if (form !== listed) {
      listed = form;
      at('run').replaceChildren(...page.order.map((each) => {
        const option = document.createElement('option');
        option.value = String(each);
        option.textContent = Charts.cut(page.runs.get(each).entry.name, 100);
        option.title = page.runs.get(each).entry.name;
        return option;
      }));
      renderChoice();
    }
    at('run').value = page.shown === null ? '' : String(page.shown);
    at('compared').querySelectorAll('input').forEach((box) => {
      box.checked = page.compared.has(Number(box.value));
    });
  }

  function renderChoice() {
    const legend = at('compared').querySelector('legend');
    at('compared').replaceChildren(legend, ...page.order.map((each) => {
      const label = document.createElement('label');
      const box = document.createElement('input');
      box.type = 'checkbox';
      box.value = String(each);
      const name = document.createElement('bdi');
      name.textContent = page.runs.get(each).entry.name;
      name.title = page.runs.get(each).entry.name;
      label.append(box, name);
      box.addEventListener('change', () => {
        page.comparedChosen = true;
        if (box.checked) {
          page.compared.add(each);
        } else {
          page.compared.delete(each);
        }
        render(true);
        loop();
      });
      return label;
    }));
  }

  function renderAbout(run, latest) {
    const info = run ? run.info : {};
    const series = run ? run.series.get('spectrum') : null;
    const parts = [
      latest ? textOf(latest.details.matrix) : '',
      info.readings > 0 ? info.readings + ' readings' : '',
      series && series.bucket > 1 ? 'each point is the worst of ' + series.bucket + ' readings' : '',
      info.unconverged > 0 ? 'λ_max did not converge in ' + info.unconverged + ' readings' : '',
      info.of_copies > 0 ? info.of_copies + ' readings of further copies of the model are left out' : '',
      info.left_out > 0 ? info.left_out + ' lines have no reading' : '',
      run && run.entry.command ? run.entry.command : '',
      run && run.entry.network ? run.entry.network : '',
      page.about.too_many ? 'the folder has more runs than are shown' : '',
    ];
    text('about', parts.filter((each) => each).join(' · '));
    text('program', 'dl4j-ngd ' + (page.about.version || '') + ', runs in ' + (page.about.folder || ''));
  }

  let drawn;

  function render(news) {
    const run = page.runs.get(page.shown) || null;
    renderState(run);
    renderList();
    const series = run ? run.series.get('spectrum') || null : null;
    const latest = series && series.rows > 0 ? series.latest : null;
    renderAbout(run, latest);
    if (!news && drawn === page.shown) {
      return;
    }
    drawn = page.shown;
    const readings = run && run.info.readings ? run.info.readings : 0;
    renderVerdict(latest);
    at('nothing').hidden = latest !== null;
    text('nothing', run === null
      ? 'There is no run yet. Listeners with a sink of this page, or ./ngd train … --live, make one.'
      : readings > 0
        ? 'This run has no readings of the spectrum.'
        : 'No reading yet. The first comes with the first step that a listener reads.');
    at('csv').hidden = latest === null;
    const place = at('charts');
    if (latest) {
      renderSharpness(place, series, latest);
      renderLayers(place, series, latest);
    } else {
      Charts.hide('sharpness');
      Charts.hide('layers');
    }
    renderCompared(place);
    if (run) {
      renderSmall(run);
    } else {
      Charts.hideOthers(at('small'), new Set());
    }
    document.title = (latest && ratioOf(latest) !== null
      ? number(ratioOf(latest)) + '× ' + words[kindOf(latest)] + ' – ' : '') + 'Sharpness';
    document.body.dataset.readings = String(readings);
    document.body.dataset.iteration = latest ? String(latest.iteration) : '';
  }

  at('run').addEventListener('change', () => {
    page.shown = Number(at('run').value);
    page.chosen = true;
    render(true);
    loop();
  });

  at('csv').addEventListener('click', () => {
    const run = page.runs.get(page.shown);
    const series = run && run.series.get('spectrum');
    if (!series) {
      return;
    }
    const quoted = (name) => (/[",\r\n]/.test(name) ? '"' + name.replaceAll('"', '""') + '"' : name);
    const names = [...series.columns.keys()];
    const rows = [names.map(quoted).join(',')];
    for (let i = 0; i < series.rows; i++) {
      rows.push(names.map((name) => (isNumber(series.columns.get(name)[i]) ? series.columns.get(name)[i] : '')).join(','));
    }
    Charts.save(new Blob([rows.join('\n') + '\n'], {type: 'text/csv'}), run.entry.name + '.csv');
  });

  let resized = null;
  window.addEventListener('resize', () => {
    clearTimeout(resized);
    resized = setTimeout(Charts.redraw, 100);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', Charts.redraw);

  loop();
})();
