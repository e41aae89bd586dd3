import { toys } from "./src/data/toys.ts";
import { scatter, heatPoints } from "./src/report/scatter.ts";
import { writePng, imageGrid } from "./src/report/grid.ts";
import { encodePng } from "./src/report/image.ts";
const one = async (name: keyof typeof toys, bad: number, heat: boolean, path: string) => {
  const toy = toys[name]; const real = new Float32Array(2000*2); toy.fill(0,0,real);
  const fake = new Float32Array(1000*2); toy.fill(1,0,fake);
  // a fake generator: half of the modes, blurred
  for (let i=0;i<1000;i++) { if (name.startsWith("ring") && fake[2*i] < -0.1) { fake[2*i]*=-1; } if (i%5===0) { const j=(i*7+13)%1000; const t=(i%97)/97; fake[2*i]=fake[2*i]*t+fake[2*j]*(1-t); fake[2*i+1]=fake[2*i+1]*t+fake[2*j+1]*(1-t);} }
  const cells=96; const pts=heatPoints(toy.box,cells); const values=new Float32Array(cells*cells);
  for (let i=0;i<cells*cells;i++){ const x=pts[2*i],y=pts[2*i+1]; values[i]= 2*Math.sin(2.1*x+.3)*Math.cos(1.7*y-.4) + .4*x - .3*x*x*.5; }
  const t=performance.now();
  const p = scatter({box: toy.box, real, fake, ...(heat?{heat:{cells,values}}:{})});
  console.log(name, (performance.now()-t).toFixed(0)+"ms");
  return p;
};
const list = [await one("ring",0,false,""), await one("ring",0,true,""), await one("grid",0,false,""), await one("swissroll-wgan",0,true,""), await one("moons",0,false,""), await one("spiral",0,true,"")];
await writePng("/tmp/sc_one.png", list[1]);
const bytes=new Uint8Array(list.reduce((s,l)=>s+l.bytes.length,0)); list.forEach((l,i)=>bytes.set(l.bytes,i*l.bytes.length));
await writePng("/tmp/sc_all.png", imageGrid({count:6,height:512,width:512,channels:3,bytes},{columns:3,gap:6}));
