'use strict';

/* Line charts and a heat map, by uPlot. Names of runs and layers become text, never markup. */
const Charts = (() => {
  /* Okabe and Ito's palette, readable for the colour-blind, without its yellow. The last follows light and dark. */
  const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7a4fa3'];
  const BLUE = [0, 114, 178];
  const VERMILION = [213, 94, 0];
  const DECADES = 1.5;
  const CELLS = 400;
  const shown = new Map();
  let width = 0;

  const theme = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const color = (index) => (index < 0 ? theme('--black') : PALETTE[index % PALETTE.length]);
  const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

  /* Three digits, for people. */
  function number(value) {
    if (!isNumber(value)) {
      return '–';
    }
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
      return value.toExponential(2);
    }
    return size >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
  }

  function tick(value) {
    if (!isNumber(value)) {
      return '';
    }
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(0) : String(Number(value.toPrecision(6)));
  }

  /* A long name is cut, for axes; the whole one is in the readout. */
  function cut(name, length) {
    const letters = Array.from(name);
    return letters.length <= length ? name : letters.slice(0, length - 1).join('') + '…';
  }

  /* What an axis can have: no size that would fill it with ticks. */
  const drawable = (value) => isNumber(value) && Math.abs(value) < 1e60;
  const onLogAxis = (column) => column.map((value) => (drawable(value) && value > 1e-60 ? value : null));
  const onAxis = (column) => column.map((value) => (drawable(value) ? value : null));

  function logRange(u, min, max) {
    if (!isNumber(min) || !isNumber(max) || min <= 0) {
      return [0.1, 10];
    }
    const room = Math.max(1.15, Math.pow(max / min, 0.06));
    return [min / room, max * room];
  }

  function linearRange(u, min, max) {
    if (!isNumber(min) || !isNumber(max)) {
      return [0, 1];
    }
    const room = max > min ? 0.06 * (max - min) : Math.max(0.5, 0.1 * Math.abs(max));
    return [min - room, max + room];
  }

  /* Up to where the last reading of a series holds: as long as the one before it did. */
  function end(x) {
    const last = x.length - 1;
    return last < 0 ? 1 : x[last] + (last > 0 ? x[last] - x[last - 1] : 1);
  }

  const iterationRange = (x) => (x.length === 0 ? [0, 1] : [x[0], end(x)]);

  const gutter = () => (width < 640 ? 64 : 108);

  /* Every digit of every decade within a range; uPlot's own do not end for some rates. */
  function logTicks(u, index, min, max) {
    const ticks = [];
    for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power++) {
      for (let digit = 1; digit < 10; digit++) {
        const at = Number(digit + 'e' + power);
        if (at >= min && at <= max) {
          ticks.push(at);
        }
      }
    }
    return ticks;
  }

  function axis(label, options) {
    return Object.assign({
      label,
      labelSize: 20,
      labelFont: '12px system-ui, sans-serif',
      font: '12px system-ui, sans-serif',
      stroke: theme('--text'),
      grid: {stroke: theme('--grid'), width: 1},
      ticks: {stroke: theme('--grid'), width: 1},
      values: (u, splits) => splits.map(tick),
    }, options);
  }

  /* The box of a chart: made the first time, in the order in which boxes are asked for. */
  function box(place, id, half) {
    const figure = document.createElement('figure');
    figure.className = half ? 'card half' : 'card';
    figure.id = id;
    const caption = document.createElement('figcaption');
    const title = document.createElement('b');
    const note = document.createElement('span');
    note.className = 'quiet';
    const save = document.createElement('button');
    save.type = 'button';
    save.textContent = 'PNG';
    save.title = 'Save this chart as a picture';
    caption.append(title, note, save);
    const plot = document.createElement('div');
    plot.className = 'plot';
    plot.tabIndex = 0;
    plot.setAttribute('role', 'img');
    const readout = document.createElement('p');
    readout.className = 'readout quiet';
    readout.dir = 'auto';
    readout.setAttribute('aria-live', 'polite');
    figure.append(caption, plot, readout);
    place.append(figure);
    const chart = {figure, title, note, plot, readout, u: null, form: ''};
    save.addEventListener('click', () => savePicture(chart));
    plot.addEventListener('keydown', (event) => step(chart, event));
    return chart;
  }

  function step(chart, event) {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    const u = chart.u;
    if (!by || !u || u.data[0].length === 0) {
      return;
    }
    event.preventDefault();
    const last = u.data[0].length - 1;
    const now = isNumber(u.cursor.idx) ? u.cursor.idx : last + (by < 0 ? 1 : -last - 1);
    const next = Math.min(last, Math.max(0, now + by));
    u.setCursor({left: u.valToPos(u.data[0][next], 'x'), top: u.over.clientHeight / 2}, true, true);
  }

  function savePicture(chart) {
    if (!chart.u) {
      return;
    }
    const drawn = chart.u.ctx.canvas;
    const canvas = document.createElement('canvas');
    canvas.width = drawn.width;
    canvas.height = drawn.height;
    const ctx = canvas.getContext('2d');
    ctx.fillStyle = theme('--card');
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    ctx.drawImage(drawn, 0, 0);
    canvas.toBlob((blob) => save(blob, chart.title.textContent + '.png'));
  }

  function save(blob, name) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  /* Makes the chart anew where its form has changed, and gives it its data. */
  function draw(place, id, half, words, form, options, data, again) {
    let chart = shown.get(id);
    if (!chart) {
      chart = box(place, id, half);
      shown.set(id, chart);
    }
    chart.figure.hidden = false;
    chart.title.textContent = words.title;
    chart.note.textContent = words.note || '';
    chart.plot.setAttribute('aria-label', words.title + '. ' + (words.note || ''));
    chart.again = again;
    const room = Math.floor(chart.plot.clientWidth);
    if (!chart.u || chart.form !== form) {
      if (chart.u) {
        chart.u.destroy();
      }
      chart.readout.textContent = '';
      chart.u = new uPlot(Object.assign(options(chart), {width: room}), data, chart.plot);
      chart.form = form;
      nameLegend(chart);
    } else {
      if (chart.u.width !== room) {
        chart.u.setSize({width: room, height: chart.u.height});
      }
      chart.u.setData(data);
    }
  }

  /* Whole names as a tip, and lines that can be hidden by key as by mouse. */
  function nameLegend(chart) {
    chart.plot.querySelectorAll('.u-legend th').forEach((head, i) => {
      head.title = chart.u.series[i].label;
      if (i > 0) {
        head.tabIndex = 0;
        head.addEventListener('keydown', (event) => {
          if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            head.click();
          }
        });
      }
    });
  }

  /*
   * Lines over iterations, or over something else.
   *
   * spec: {title, note, x, lines: [{name, color, width, dash, stepped, values}], logY, logX, xLabel, yLabel, sync,
   * height, beyond}; beyond has, for every x, whether it is to be shaded.
   */
  function lines(place, id, half, spec) {
    const sync = spec.sync ? {sync: {key: 'iteration', scales: ['x', null]}} : {};
    const chart = shown.get(id);
    if (chart) {
      chart.spec = spec;
    }
    const form = JSON.stringify([
      spec.lines.map((line) => [line.name, line.color, line.dash, line.stepped]),
      spec.logX, spec.logY, spec.yLabel, spec.xLabel, theme('--card'), gutter(),
    ]);
    const options = (own) => {
      own.spec = spec;
      return {
        height: spec.height || 240,
        cursor: Object.assign({drag: {x: false, y: false}, y: false}, sync),
        scales: {
          x: spec.logX
            ? {time: false, distr: 3, range: logRange}
            : {time: false, range: () => iterationRange(own.spec.x)},
          y: spec.logY ? {distr: 3, range: logRange} : {range: linearRange},
        },
        axes: [
          axis(spec.xLabel || 'iteration', Object.assign({size: 36}, spec.logX ? {splits: logTicks} : {})),
          axis(spec.yLabel, Object.assign(
            {size: half ? 52 : gutter(), labelSize: spec.yLabel ? 20 : 0}, spec.logY ? {splits: logTicks} : {})),
        ],
        series: [
          {label: spec.xLabel || 'iteration', value: (u, value) => (spec.logX ? number(value) : tick(value))},
          ...spec.lines.map((line) => ({
            label: line.name,
            stroke: color(line.color),
            width: line.width || 2,
            dash: line.dash ? [7, 5] : undefined,
            paths: line.stepped ? uPlot.paths.stepped({align: 1}) : undefined,
            points: {show: spec.x.length < 2 ? true : undefined, size: 5},
            spanGaps: Boolean(line.spanGaps),
            value: (u, value) => number(value),
          })),
        ],
        hooks: {drawClear: [(u) => shade(u, own.spec)]},
      };
    };
    const data = [
      spec.x,
      ...spec.lines.map((line) => (spec.logY ? onLogAxis(line.values) : onAxis(line.values))),
    ];
    draw(place, id, half, spec, form, options, data, () => lines(place, id, half, spec));
  }

  function shade(u, spec) {
    if (!spec.beyond) {
      return;
    }
    u.ctx.save();
    u.ctx.fillStyle = theme('--shade');
    spec.beyond.forEach((beyond, i) => {
      if (beyond) {
        const left = u.valToPos(spec.x[i], 'x', true);
        const right = u.valToPos(i + 1 < spec.x.length ? spec.x[i + 1] : end(spec.x), 'x', true);
        u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
      }
    });
    u.ctx.restore();
  }

  function mix(from, to, share) {
    return from.map((each, i) => Math.round(each + (to[i] - each) * share));
  }

  function rgb(hex) {
    return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  }

  /* A ratio's colour: blue below 1, vermilion above, paler the nearer to it. */
  function cellColor(ratio, middle) {
    const decades = Math.log10(ratio) / DECADES;
    const share = 0.18 + 0.82 * Math.min(1, Math.abs(decades));
    return 'rgb(' + mix(middle, decades > 0 ? VERMILION : BLUE, share).join(',') + ')';
  }

  /* Cells of several readings have the worst of them. */
  function coarse(x, rows) {
    const group = Math.ceil(x.length / CELLS);
    if (group <= 1) {
      return {x, rows};
    }
    const pick = [];
    for (let i = 0; i < x.length; i += group) {
      pick.push(i);
    }
    const worst = (row, i) => {
      let found = null;
      for (let j = i; j < Math.min(i + group, row.length); j++) {
        found = isNumber(row[j]) && (found === null || row[j] > found) ? row[j] : found;
      }
      return found;
    };
    return {x: pick.map((i) => x[i]), rows: rows.map((row) => pick.map((i) => worst(row, i)))};
  }

  /*
   * Layers over iterations.
   *
   * spec: {title, note, x, names, rows, unit, diverging}; a row has a layer's numbers, the first is drawn on top.
   */
  function heatMap(place, id, spec) {
    const cells = coarse(spec.x, spec.rows);
    const count = spec.names.length;
    const chart = shown.get(id);
    if (chart) {
      chart.spec = spec;
      chart.cells = cells;
    }
    const form = JSON.stringify([spec.names, spec.diverging, theme('--card'), gutter()]);
    const rowHeight = Math.max(7, Math.min(26, 420 / count));
    const options = (own) => {
      own.spec = spec;
      own.cells = cells;
      return {
        height: Math.round(count * rowHeight) + 54,
        legend: {show: false},
        cursor: {drag: {x: false, y: false}, sync: {key: 'iteration', scales: ['x', null]}},
        scales: {
          x: {time: false, range: () => iterationRange(own.spec.x)},
          y: {range: () => [0, count]},
        },
        axes: [
          axis('iteration', {size: 36}),
          axis('', {
            size: gutter(),
            labelSize: 0,
            grid: {show: false},
            splits: () => ticksOf(count, rowHeight),
            values: (u, splits) => splits.map((at) =>
              cut(own.spec.names[count - 1 - Math.floor(at)] || '', gutter() > 80 ? 15 : 8)),
          }),
        ],
        series: [
          {label: 'iteration'},
          ...spec.names.map((name) => ({label: name, paths: () => null, points: {show: false}})),
        ],
        hooks: {
          draw: [(u) => drawCells(u, own)],
          setCursor: [(u) => readOut(u, own)],
        },
      };
    };
    draw(place, id, false, spec, form, options, [spec.x, ...spec.rows.map(onAxis)], () => heatMap(place, id, spec));
  }

  function ticksOf(count, rowHeight) {
    const every = Math.ceil(13 / rowHeight);
    const ticks = [];
    for (let i = 0; i < count; i += every) {
      ticks.push(count - 1 - i + 0.5);
    }
    return ticks.reverse();
  }

  function drawCells(u, own) {
    const {x, rows} = own.cells;
    const middle = rgb(theme('--middle'));
    const count = rows.length;
    u.ctx.save();
    u.ctx.textAlign = 'center';
    u.ctx.textBaseline = 'middle';
    for (let i = 0; i < x.length; i++) {
      const left = Math.round(u.valToPos(x[i], 'x', true));
      const right = Math.round(u.valToPos(i + 1 < x.length ? x[i + 1] : end(own.spec.x), 'x', true));
      for (let k = 0; k < count; k++) {
        const value = rows[k][i];
        if (!isNumber(value) || value <= 0) {
          continue;
        }
        const top = Math.round(u.valToPos(count - k, 'y', true));
        const bottom = Math.round(u.valToPos(count - k - 1, 'y', true));
        u.ctx.fillStyle = own.spec.diverging
          ? cellColor(value, middle)
          : 'rgb(' + mix(middle, BLUE, Math.min(1, value)).join(',') + ')';
        u.ctx.fillRect(left, top, Math.max(1, right - left), bottom - top);
        if (own.spec.diverging && value > 1 && right - left > 11 && bottom - top > 11) {
          u.ctx.fillStyle = theme('--text');
          u.ctx.font = Math.round(11 * devicePixelRatio) + 'px system-ui, sans-serif';
          u.ctx.fillText('×', (left + right) / 2, (top + bottom) / 2);
        }
      }
    }
    u.ctx.restore();
  }

  function readOut(u, own) {
    const {left, top, idx} = u.cursor;
    if (!isNumber(idx) || left < 0) {
      own.readout.textContent = '';
      return;
    }
    const count = own.spec.names.length;
    const at = own.plot.matches(':hover') ? u.posToVal(top, 'y') : NaN;
    let k = Math.floor(count - at);
    if (!(k >= 0 && k < count)) {
      k = own.spec.rows.reduce((best, row, i) => (row[idx] > (own.spec.rows[best][idx] || 0) ? i : best), 0);
    }
    own.readout.textContent = 'iteration ' + own.spec.x[idx] + ', ' + own.spec.names[k] + ': '
      + number(own.spec.rows[k][idx]) + own.spec.unit;
  }

  function hide(id) {
    const chart = shown.get(id);
    if (chart) {
      chart.figure.hidden = true;
    }
  }

  /* Hides what a part of the page had and has no more. */
  function hideOthers(place, ids) {
    shown.forEach((chart, id) => {
      if (chart.figure.parentNode === place && !ids.has(id)) {
        chart.figure.hidden = true;
      }
    });
  }

  function redraw() {
    width = document.documentElement.clientWidth;
    shown.forEach((chart) => {
      if (!chart.figure.hidden && chart.again) {
        chart.again();
      }
    });
  }

  width = document.documentElement.clientWidth;
  return {lines, heatMap, hide, hideOthers, redraw, number, isNumber, save, cut};
})();
