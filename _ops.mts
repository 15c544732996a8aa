import { env, Tensor, InferenceSession } from 'onnxruntime-node';
import { encodeModel } from './src/engines/onnxruntime/onnx.ts';
const f=(name:string,shape:number[])=>({name,shape,dtype:'float32' as const});
const i=(name:string,shape:number[])=>({name,shape,dtype:'int32' as const});
const ints=(name:string,...v:number[])=>({name,shape:[v.length],data:BigInt64Array.from(v.map(BigInt))});
const F=Float32Array, I=Int32Array;
const tests: any = {
 FusedMatMul: {nodes:[{type:'FusedMatMul',domain:'com.microsoft',inputs:['x','y'],outputs:['o'],attributes:{transB:1,alpha:{float:2}}}], inputs:[f('x',[2,3,4]),f('y',[2,5,4])], out:[2,3,5]},
 MatMul3: {nodes:[{type:'MatMul',inputs:['x','y'],outputs:['o']}], inputs:[f('x',[2,3,4]),f('y',[2,4,5])], out:[2,3,5]},
 MatMulBroadcast: {nodes:[{type:'MatMul',inputs:['x','y'],outputs:['o']}], inputs:[f('x',[1,2,3,4]),f('y',[3,1,4,5])], out:[3,2,3,5]},
 Gemm: {nodes:[{type:'Gemm',inputs:['x','y','z'],outputs:['o'],attributes:{transA:1,transB:1,alpha:{float:.5}}}], inputs:[f('x',[4,3]),f('y',[5,4]),f('z',[3,5])], out:[3,5]},
 Cast64Reshape: {nodes:[{type:'Cast',inputs:['i'],outputs:['w'],attributes:{to:7}},{type:'Reshape',inputs:['w','s'],outputs:['p']},{type:'Cast',inputs:['p'],outputs:['o'],attributes:{to:1}}],constants:[ints('s',3,1)],inputs:[i('i',[3])],out:[3,1]},
 ScatterND: {nodes:[{type:'Cast',inputs:['i'],outputs:['w'],attributes:{to:7}},{type:'Reshape',inputs:['w','s'],outputs:['p']},{type:'ScatterND',inputs:['z','p','v'],outputs:['o'],attributes:{reduction:'add'}}],constants:[ints('s',3,1)],inputs:[i('i',[3]),f('z',[5,2]),f('v',[3,2])],out:[5,2]},
 ScatterElementsAdd: {nodes:[{type:'ScatterElements',inputs:['z','j','v'],outputs:['o'],attributes:{axis:0,reduction:'add'}}],inputs:[i('j',[3,2]),f('z',[5,2]),f('v',[3,2])],out:[5,2]},
 ScatterElements: {nodes:[{type:'ScatterElements',inputs:['z','j','v'],outputs:['o'],attributes:{axis:1}}],inputs:[i('j',[3,1]),f('z',[3,4]),f('v',[3,1])],out:[3,4]},
 GatherElements: {nodes:[{type:'GatherElements',inputs:['z','j'],outputs:['o'],attributes:{axis:1}}],inputs:[i('j',[3,1]),f('z',[3,4])],out:[3,1]},
 Gather: {nodes:[{type:'Gather',inputs:['z','i'],outputs:['o'],attributes:{axis:0}}],inputs:[i('i',[3]),f('z',[5,4])],out:[3,4]},
 Slice: {nodes:[{type:'Slice',inputs:['z','a','b','c'],outputs:['o']}],constants:[ints('a',1),ints('b',3),ints('c',0)],inputs:[f('z',[5,4])],out:[2,4]},
 SliceInt: {nodes:[{type:'Slice',inputs:['i','a','b','c'],outputs:['q']},{type:'Gather',inputs:['z','q'],outputs:['o']}],constants:[ints('a',1),ints('b',3),ints('c',0)],inputs:[f('z',[5,4]),i('i',[4])],out:[2,4]},
 ReshapeInt: {nodes:[{type:'Reshape',inputs:['i','s'],outputs:['q']},{type:'GatherElements',inputs:['z','q'],outputs:['o'],attributes:{axis:1}}],constants:[ints('s',3,1)],inputs:[f('z',[3,4]),i('i',[3])],out:[3,1]},
 ExpandInt: {nodes:[{type:'Expand',inputs:['i','s'],outputs:['q']},{type:'ScatterElements',inputs:['z','q','v'],outputs:['o'],attributes:{axis:0,reduction:'add'}}],constants:[ints('s',3,2)],inputs:[i('i',[3,1]),f('z',[5,2]),f('v',[3,2])],out:[5,2]},
 Rotary: {nodes:[{type:'RotaryEmbedding',domain:'com.microsoft',inputs:['x','p','c','d'],outputs:['o'],attributes:{interleaved:0}}],constants:[ints('p',0)],inputs:[f('x',[1,2,3,4]),f('c',[3,2]),f('d',[3,2])],out:[1,2,3,4]},
 SLN: {nodes:[{type:'SimplifiedLayerNormalization',inputs:['x','w'],outputs:['o'],attributes:{axis:-1,epsilon:{float:1e-5}}}],inputs:[f('x',[3,4]),f('w',[4])],out:[3,4]},
 QuickGelu: {nodes:[{type:'QuickGelu',domain:'com.microsoft',inputs:['x'],outputs:['o'],attributes:{alpha:{float:1}}}],inputs:[f('x',[3,4])],out:[3,4]},
 StepCast: {nodes:[{type:'Greater',inputs:['x','k'],outputs:['g']},{type:'Cast',inputs:['g'],outputs:['o'],attributes:{to:1}}],constants:[{name:'k',shape:[],data:F.of(0)}],inputs:[f('x',[3,4])],out:[3,4]},
 Max: {nodes:[{type:'Max',inputs:['x','k'],outputs:['o']}],inputs:[f('x',[3,4]),f('k',[4])],out:[3,4]},
 ReduceMax: {nodes:[{type:'ReduceMax',inputs:['x','a'],outputs:['o'],attributes:{keepdims:0}}],constants:[ints('a',1)],inputs:[f('x',[3,4])],out:[3]},
 ReduceSum: {nodes:[{type:'ReduceSum',inputs:['x','a'],outputs:['o'],attributes:{keepdims:0}}],constants:[ints('a',0)],inputs:[f('x',[3,4])],out:[4]},
 Concat: {nodes:[{type:'Concat',inputs:['x','x','y'],outputs:['o'],attributes:{axis:0}}],inputs:[f('x',[3,4]),f('y',[1,4])],out:[7,4]},
 Concat20: {nodes:[{type:'Concat',inputs:Array(20).fill('x').concat(['y']),outputs:['o'],attributes:{axis:0}}],inputs:[f('x',[3,4]),f('y',[1,4])],out:[61,4]},
 Where: {nodes:[{type:'Greater',inputs:['x','k'],outputs:['g']},{type:'Where',inputs:['g','x','k'],outputs:['o']}],constants:[{name:'k',shape:[],data:F.of(0)}],inputs:[f('x',[3,4])],out:[3,4]},
 EqualInt: {nodes:[{type:'Equal',inputs:['i','j'],outputs:['g']},{type:'Cast',inputs:['g'],outputs:['o'],attributes:{to:1}}],inputs:[i('i',[3,1]),i('j',[5])],out:[3,5]},
 Softmax: {nodes:[{type:'Softmax',inputs:['x'],outputs:['o'],attributes:{axis:-1}}],inputs:[f('x',[3,4])],out:[3,4]},
 Expand: {nodes:[{type:'Expand',inputs:['x','s'],outputs:['o']}],constants:[ints('s',3,4)],inputs:[f('x',[])],out:[3,4]},
 Identity: {nodes:[{type:'Identity',inputs:['x'],outputs:['o']}],inputs:[f('x',[3,4])],out:[3,4]},
};
for (const op of ['Exp','Log','Sqrt','Sigmoid','Neg']) tests[op]={nodes:[{type:op,inputs:['x'],outputs:['o']}],inputs:[f('x',[3,4])],out:[3,4]};
for (const [name,t] of Object.entries<any>(tests)) {
  const model = encodeModel({name,nodes:t.nodes,constants:t.constants??[],inputs:t.inputs,outputs:[f('o',t.out)]});
  const feeds:any={}; for(const v of t.inputs){const n=v.shape.reduce((a:number,b:number)=>a*b,1); feeds[v.name]=v.dtype==='int32'?new Tensor('int32',I.from({length:n},(_,k)=>[1,2,1,0][k%4]),v.shape):new Tensor('float32',F.from({length:n},(_,k)=>Math.sin(k+1.3)+1.2),v.shape);}
  const cpu=(await (await InferenceSession.create(model,{executionProviders:['cpu'],logSeverityLevel:4})).run(feeds)).o.data as Float32Array;
  let line=name.padEnd(20);
  try { const s=await InferenceSession.create(model,{executionProviders:['webgpu'],logSeverityLevel:4,extra:{session:{disable_cpu_ep_fallback:'1'}}}); const g=(await s.run(feeds)).o.data as Float32Array;
    line+=' GPU maxdiff '+Math.max(...[...g].map((v,k)=>Math.abs(v-cpu[k]))).toExponential(2);
  } catch(e){line+=' '+String(e).slice(0,120);}
  console.log(line);
}
