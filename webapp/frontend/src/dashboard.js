// Figures as pictures; the page beside each holds the same figures as a table.
import * as echarts from 'echarts/core';
import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import './reports.css';

echarts.use([BarChart, LineChart, AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const style = getComputedStyle(document.documentElement);
const colour = (name) => style.getPropertyValue(name).trim();
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
const look = {
  color: ['--accent', '--ink-3', '--at-risk', '--overdue', '--on-track'].map(colour),
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour('--ink-2') },
  aria: { enabled: true },
  animation: !still,
  tooltip: { trigger: 'axis', renderMode: 'richText' },
  grid: { left: 8, right: 12, top: 28, bottom: 4, containLabel: true },
};

for (const holder of document.querySelectorAll('[data-chart]')) {
  const label = holder.getAttribute('aria-label');
  const chart = echarts.init(holder, null, { renderer: 'svg' });
  chart.setOption({ ...look, ...JSON.parse(document.getElementById(holder.dataset.chart).textContent) });
  if (label) holder.setAttribute('aria-label', label);
  // With a view box the picture shrinks with the paper, where nothing is laid out anew.
  const scalable = () => {
    const picture = holder.querySelector('svg');
    picture?.setAttribute('viewBox', `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
  };
  scalable();
  new ResizeObserver(() => { if (!matchMedia('print').matches) { chart.resize(); scalable(); } }).observe(holder);
}
document.body.dataset.charts = '1';
