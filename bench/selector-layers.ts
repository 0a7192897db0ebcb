/**
 * The layers that the choice of an algorithm is measured on, as the networks have them: a line of text for each layer.
 *
 *   64-128@56x40 k3x1 s2 p1 d2 g4 o1 b8     channels in and out, size of the input; then without blanks the kernel, stride, padding, dilation, groups,
 *                                           outputPadding, batch. One number is for every axis. Padding is half of the kernel where it is not given,
 *                                           in a transposed layer 0.
 */
import type { ConvShapeOptions } from '../src/types.js';
import type { ConvName, Layer } from './cases.js';

export interface NetLayer extends Layer {
  readonly family: string;
}

interface Net {
  readonly family: string;
  readonly name: string;
  readonly op: ConvName;
  readonly layers: string;
}

const net = (family: string, name: string, op: ConvName, layers: string): Net => ({ family, name, op, layers });

const NETS: readonly Net[] = [
  net('toy', 'toy', 'conv2d', '1-1@4k3p0 1-2@6k3 2-3@8k3 3-8@12k5 4-4@10k1 8-8@8k3 1-8@16k3 8-1@16k3 2-2@9k2s2p0 3-16@16k3s2'),
  net('toy', 'toy', 'conv1d', '1-1@16k3 1-4@32k5 4-8@64k3s2 8-8@50k3d2'),
  net('toy', 'toy', 'convTranspose2d', '1-1@4k3 2-1@5k2s2 4-3@6k4s2p1 8-8@4k3s2p1o1'),
  net('toy', 'toy', 'conv3d', '1-2@4k3 2-4@6k3 1-8@8k2s2p0'),
  net(
    'classic',
    'LeNet',
    'conv2d',
    '1-6@28k5 6-16@14k5p0 16-120@5k5p0 1-32@28k3p0 32-64@26k3p0 1-10@28k5p0 10-20@12k5p0 1-6@28k5b8 6-16@14k5p0b8',
  ),
  net('classic', 'MNIST', 'conv2d', '1-16@28k3 16-32@14k3 32-32@7k3 1-8@28k3s2 8-16@14k3s2 1-16@28k3b32 16-32@14k3b32'),
  net(
    'classic',
    'CIFAR',
    'conv2d',
    '3-32@32k3 32-32@32k3 32-64@16k3 64-64@16k3 64-128@8k3 128-128@8k3 3-48@32k5 3-32@32k3b16 32-32@32k3b16 64-64@16k3b16 128-128@8k3b16',
  ),
  net('classic', 'AlexNet', 'conv2d', '3-64@224k11s4p2 64-192@27k5 192-384@13k3 384-256@13k3 256-256@13k3 3-96@227k11s4p0 96-256@27k5g2'),
  net(
    'classic',
    'VGG',
    'conv2d',
    '3-64@224k3 64-64@224k3 64-128@112k3 128-128@112k3 128-256@56k3 256-256@56k3 256-512@28k3 512-512@28k3 512-512@14k3',
  ),
  net('classic', 'ZFNet', 'conv2d', '3-96@224k7s2p1 96-256@55k5s2p0 256-384@13k3'),
  net(
    'classic',
    'SqueezeNet',
    'conv2d',
    '3-96@224k7s2p0 96-16@54k1 16-64@54k1 16-64@54k3 128-32@27k1 32-128@27k3 256-48@13k1 48-192@13k3 64-256@13k3 512-1000@13k1',
  ),
  net(
    'residual',
    'ResNet',
    'conv2d',
    `3-64@224k7s2 64-64@56k3 64-128@56k3s2 64-128@56k1s2 128-128@28k3 128-256@28k3s2 128-256@28k1s2 256-256@14k3
    256-512@14k3s2 256-512@14k1s2 512-512@7k3 64-64@56k1 64-256@56k1 256-64@56k1 256-128@56k1 128-512@28k1 512-128@28k1 512-256@28k1 256-1024@14k1
    1024-256@14k1 1024-512@14k1 512-2048@7k1 2048-512@7k1 256-512@56k1s2 512-1024@28k1s2 1024-2048@14k1s2 128-128@56k3s2 256-256@28k3s2 512-512@14k3s2`,
  ),
  net(
    'residual',
    'ResNet batch',
    'conv2d',
    `3-64@112k7s2b4 64-64@28k3b8 128-128@14k3b8 256-256@14k3b4 256-256@7k3b8 512-512@7k3b8 512-512@7k3b2 512-512@4k3b16 64-256@28k1b8
    256-512@14k3s2b4 1024-256@14k1b4 64-64@7k3b2 128-128@7k3b16`,
  ),
  net(
    'residual',
    'ResNet small',
    'conv2d',
    '3-16@32k3 16-16@32k3 16-32@32k3s2 32-32@16k3 32-64@16k3s2 64-64@8k3 16-32@32k1s2 32-64@16k1s2 512-512@4k3 256-256@8k3 160-160@32k3 320-320@16k3',
  ),
  net(
    'residual',
    'DenseNet',
    'conv2d',
    '128-32@56k3 96-128@56k1 224-128@56k1 128-128@28k1 128-32@28k3 480-128@28k1 128-32@14k3 992-128@14k1 128-32@7k3 1000-128@7k1',
  ),
  net(
    'residual',
    'Darknet',
    'conv2d',
    `3-32@208k3 32-64@208k3s2 64-32@104k1 32-64@104k3 64-128@104k3s2 128-64@52k1 64-128@52k3 128-256@52k3s2 256-128@26k1 128-256@26k3 256-512@26k3s2
    512-256@13k1 256-512@13k3 512-1024@13k3 1024-512@13k1 512-255@13k1 256-255@26k1 384-128@26k1`,
  ),
  net(
    'residual',
    'YOLO',
    'conv2d',
    '3-16@320k3s2 16-32@160k3s2 32-16@80k1 16-16@80k3 32-32@80k3 32-64@80k3s2 64-64@40k3 64-128@40k3s2 128-128@20k3 128-256@20k3s2 256-256@10k3 384-128@20k1 64-80@40k3 80-80@40k1 256-256@10k5g256',
  ),
  net(
    'residual',
    'detection',
    'conv2d',
    '256-256@50k3 256-256@25k3 256-256@7k3 256-36@25k3 256-720@13k3 256-9@25k1 256-4@13k3 512-24@19k3 512-126@10k3 256-84@5k3 128-84@3k3 256-24@1k3 256-256@5k3s2 128-256@3k3p0',
  ),
  net(
    'inception',
    'Inception',
    'conv2d',
    `3-32@299k3s2p0 32-32@149k3p0 32-64@147k3 64-80@73k1 80-192@73k3p0 192-64@35k1 48-64@35k5 64-96@35k3 96-96@35k3 288-384@35k3s2p0
    128-128@17k1x7 128-128@17k7x1 128-192@17k1x7 160-160@17k1x7 160-192@17k7x1 192-192@17k1x7 192-192@17k7x1 768-192@17k1 192-320@17k3s2p0 384-384@8k1x3 384-384@8k3x1
    1280-320@8k1 1280-448@8k1 448-384@8k3 2048-192@8k1`,
  ),
  net(
    'inception',
    'GoogLeNet',
    'conv2d',
    '64-192@56k3 192-96@28k1 96-128@28k3 16-32@28k5 32-96@28k5 480-192@14k1 96-208@14k3 16-48@14k5 24-64@14k5 160-320@14k3 32-128@14k5 832-384@7k1 192-384@7k3 48-128@7k5',
  ),
  net(
    'inception',
    'large kernels',
    'conv2d',
    '16-16@64k9 32-32@32k7 64-64@28k7 64-64@28k5 64-64@28k4p1 3-64@64k9 64-32@64k5 32-1@64k5 128-128@14k5 24-24@40k6p2 8-8@64k11 21-21@28k1x15 21-21@28k15x1',
  ),
  net(
    'mobile',
    'MobileNet',
    'conv2d',
    `3-32@224k3s2 3-16@224k3s2 32-64@112k1 64-128@56k1 128-128@56k1 128-256@28k1 256-256@28k1 256-512@14k1 512-512@14k1 512-1024@7k1 1024-1024@7k1
    32-16@112k1 16-96@112k1 96-24@56k1 24-144@56k1 144-24@56k1 144-32@28k1 32-192@28k1 192-32@28k1 192-64@14k1 64-384@14k1 384-64@14k1 384-96@14k1 96-576@14k1 576-96@14k1
    576-160@7k1 160-960@7k1 960-160@7k1 960-320@7k1 320-1280@7k1 1280-1000@1k1 960-240@1k1 240-960@1k1 72-24@1k1 24-72@1k1 480-120@1k1`,
  ),
  net(
    'depthwise',
    'MobileNet',
    'conv2d',
    `32-32@112k3g32 64-64@112k3s2g64 128-128@56k3g128 128-128@56k3s2g128 256-256@28k3g256 256-256@28k3s2g256 512-512@14k3g512 512-512@14k3s2g512
    1024-1024@7k3g1024 96-96@112k3s2g96 144-144@56k3g144 144-144@56k3s2g144 192-192@28k3g192 192-192@28k3s2g192 384-384@14k3g384 576-576@14k3g576 576-576@14k3s2g576 960-960@7k3g960
    72-72@56k5s2g72 120-120@28k5g120 240-240@28k3s2g240 480-480@14k3g480 672-672@14k5s2g672 960-960@7k5g960 16-16@112k3g16`,
  ),
  net(
    'depthwise',
    'EfficientNet',
    'conv2d',
    '144-144@56k5s2g144 240-240@28k5g240 480-480@14k5g480 672-672@14k5g672 1152-1152@7k5g1152 1152-1152@7k3g1152 32-32@75k3g32 40-80@28k3g40 8-16@32k3g8 3-12@32k3g3 2-2@64k3g2',
  ),
  net(
    'depthwise',
    'ConvNeXt',
    'conv2d',
    '96-96@56k7g96 192-192@28k7g192 384-384@14k7g384 768-768@7k7g768 64-64@28k9g64 64-64@56k13g64 128-128@14k31g128 96-96@56k7d2g96',
  ),
  net(
    'depthwise',
    'audio',
    'conv1d',
    '512-512@400k3g512 512-512@400k3d8g512 256-256@1000k15g256 256-256@200k31g256 768-768@100k33g768 64-64@2000k5g64 144-144@250k31g144',
  ),
  net('depthwise', 'video', 'conv3d', '54-54@16x28k3g54 108-108@8x14k3g108 54-54@16x28k5x1x1g54 216-216@4x7k3g216 24-24@8x28k3s1x2x2g24'),
  net(
    'depthwise',
    'up',
    'convTranspose2d',
    '21-21@16k4s2p1g21 64-64@28k2s2g64 64-64@14k4s2p1g64 128-128@14k3s2p1o1g128 19-19@16k16s8p4g19',
  ),
  net(
    'mobile',
    'EfficientNet',
    'conv2d',
    '3-32@240k3s2 32-16@120k1 24-144@60k1 40-240@28k1 240-40@28k1 80-480@14k1 480-80@14k1 112-672@14k1 672-112@14k1 192-1152@7k1 1152-192@7k1 1152-320@7k1 24-96@56k3s2 48-192@28k3s2 24-24@112k3 96-48@28k1',
  ),
  net(
    'mobile',
    'small',
    'conv2d',
    '3-8@96k3s2 8-16@48k1 16-32@24k1 32-64@12k1 64-128@6k1 128-256@3k1 1-8@49x10k10x8s2 64-64@25x5k1 64-12@1k1 3-24@128k5s2 24-88@16k1 88-48@8k1',
  ),
  net(
    'grouped',
    'ResNeXt',
    'conv2d',
    '128-128@56k3g32 256-256@56k3s2g32 256-256@28k3g32 512-512@28k3s2g32 512-512@14k3g32 1024-1024@14k3s2g32 1024-1024@7k3g32 256-256@56k3g64 512-512@14k3g64 96-96@27k3g2 64-64@28k3g2 64-64@28k3g4 64-64@28k3g8 64-64@28k3g16',
  ),
  net(
    'grouped',
    'RegNet',
    'conv2d',
    '48-48@56k3s2g2 104-104@28k3g13 208-208@14k3g26 440-440@7k3g55 64-64@56k3g4 128-128@28k3g8 288-288@14k3g18 672-672@7k3g42 232-232@28k3s2g2',
  ),
  net(
    'grouped',
    'ShuffleNet',
    'conv2d',
    '24-240@28k1g3 240-60@28k1g3 60-240@28k1g3 480-120@14k1g3 120-480@14k1g3 960-240@7k1g3 272-68@28k1g4 384-96@28k1g8',
  ),
  net(
    'grouped',
    'audio',
    'conv1d',
    '768-768@149k128p64g16 512-512@300k3g8 256-256@800k5g4 128-256@2048k41s4g4 256-512@512k41s4g16 512-1024@128k41s4g16',
  ),
  net('grouped', 'up', 'convTranspose2d', '64-64@14k4s2p1g4 32-32@28k4s2p1g8 64-32@16k2s2g2 128-128@8k3s2p1o1g32'),
  net(
    'patches',
    'ViT',
    'conv2d',
    `3-768@224k16s16p0 3-384@224k16s16p0 3-192@224k16s16p0 3-768@224k32s32p0 3-96@224k4s4p0 3-64@224k4s4p0 96-192@56k2s2p0 192-384@28k2s2p0 384-768@14k2s2p0
    3-1024@224k14s14p0 3-32@224k7s4 128-320@28k3s2 64-64@56k8s8p0 128-128@28k4s4p0 320-320@14k2s2p0 1-64@28k7s7p0 1-32@28k4s4p0 1-192@96x128k16s16p0 3-512@64k8s8p0 1-768@128x100k16s10p0`,
  ),
  net(
    'patches',
    'ConvNeXt',
    'conv2d',
    '96-384@56k1 384-96@56k1 192-768@28k1 768-192@28k1 384-1536@14k1 1536-384@14k1 768-3072@7k1 3072-768@7k1 3-48@32k4s4p0',
  ),
  net(
    'patches',
    'MLP',
    'conv1d',
    '196-384@768k1 384-196@768k1 64-256@512k1 768-3072@64k1 3072-768@64k1 512-512@1k1 1024-4096@1k1 16-16@100k1',
  ),
  net(
    'segmentation',
    'U-Net',
    'conv2d',
    '1-64@128k3 3-64@128k3p0 64-64@128k3 64-128@64k3 128-128@64k3 128-256@32k3 256-256@32k3 256-512@16k3 512-512@16k3 512-1024@8k3 1024-1024@8k3 1024-512@16k3 512-256@32k3 256-128@64k3 128-64@128k3 64-2@128k1 64-1@128k1 32-1@256k3 16-3@256k3 64-21@128k1 3-16@256k3 16-16@256k3 16-32@128k3 32-32@128k3',
  ),
  net(
    'segmentation',
    'U-Net',
    'convTranspose2d',
    '1024-512@8k2s2 512-256@16k2s2 256-128@32k2s2 128-64@64k2s2 64-32@64k2s2 32-16@128k2s2 32-1@128k2s2 64-21@32k2s2 256-256@14k2s2 32-32@64k3s2p1o1 16-1@128k4s2p1',
  ),
  net(
    'segmentation',
    'DeepLab',
    'conv2d',
    '512-512@28k3d2 2048-256@28k1 2048-256@28k3d6 2048-256@14k3d12 512-256@33k3d18 256-256@65k3d2 320-256@33k3d6 256-48@65k1 304-256@65k3 256-21@65k1 256-19@33k1 64-64@60k3d4 64-64@60k3d8 32-32@64k3d16 128-128@28k3d2 128-128@16k3d4 4096-21@7k1',
  ),
  net(
    'segmentation',
    'FCN',
    'convTranspose2d',
    '21-21@16k4s2p1 21-21@16k16s8p4 21-21@7k64s32p16 19-19@32k4s2p1 2-2@64k4s2p1 21-21@8k32s16p8 64-64@33k3s2p1',
  ),
  net(
    'segmentation',
    'ENet',
    'conv2d',
    '3-13@256k3s2 16-16@64k3 32-32@32k5x1 32-32@32k1x5 32-32@32k3d16 64-16@64k1 16-64@64k1 128-32@32k1 32-128@32k1 16-16@128k2s2p0 128-128@32k3x1d8x1 128-128@32k1x3d1x8 64-64@64k3x1',
  ),
  net(
    'super-resolution',
    'SRCNN',
    'conv2d',
    '1-64@64k9 64-32@64k1 1-56@64k5 56-12@64k1 12-12@64k3 12-56@64k1 3-64@96k3 64-64@96k3 64-3@96k3 64-256@48k3 64-12@64k3 64-48@64k3 1-64@96k3 64-1@96k3 256-3@64k9 48-16@64k3 32-32@96k3 64-3@128k9',
  ),
  net(
    'super-resolution',
    'ESRGAN',
    'conv2d',
    '64-32@64k3 96-32@64k3 128-32@64k3 160-32@64k3 192-64@64k3 50-50@64k3 180-180@32k3 60-60@48k3 28-28@64k3 3-28@64k3 28-12@64k3',
  ),
  net(
    'super-resolution',
    'FSRCNN',
    'convTranspose2d',
    '56-1@32k9s3p4 56-1@64k9s2p4o1 64-3@48k4s2p1 64-64@32k4s2p1 32-1@48k3s2p1o1 64-1@32k8s4p2 64-3@24k12s8p2',
  ),
  net(
    'super-resolution',
    'denoising',
    'conv2d',
    '64-64@80k3 64-1@128k3 3-96@96k3 96-3@96k3 15-96@64k3 96-12@64k3 2-16@160k3 16-2@160k3 32-2@96k3 8-1@128k3 4-4@128k3',
  ),
  net(
    'generative',
    'DCGAN',
    'convTranspose2d',
    `100-512@1k4 512-256@4k4s2p1 256-128@8k4s2p1 128-64@16k4s2p1 64-3@32k4s2p1 64-1@32k4s2p1 1024-512@4k5s2p2o1 512-256@8k5s2p2o1 256-128@16k5s2p2o1 128-3@32k5s2p2o1
    64-3@64k4s2p1 128-1@14k4s2p1 128-64@7k4s2p1 256-128@7k5p2 128-64@7k5s2p2o1 64-1@14k5s2p2o1 100-1024@1k4 64-3@16k4s2p1b16 256-128@8k4s2p1b8 64-3@64k4s2p1b4`,
  ),
  net(
    'generative',
    'DCGAN',
    'conv2d',
    '3-64@64k4s2p1 64-128@32k4s2p1 128-256@16k4s2p1 256-512@8k4s2p1 512-1@4k4p0 1-64@28k4s2p1 3-64@64k5s2 64-128@32k5s2 128-256@16k5s2 512-1@30k4p1 256-512@31k4p1 3-64@128k4s2p1',
  ),
  net(
    'generative',
    'autoencoder',
    'convTranspose2d',
    '32-1@14k3s2p1o1 32-16@14k3s2p1o1 16-1@28k3s2p1o1 64-32@7k3s2p1o1 32-1@14k2s2 16-1@14k2s2 4-16@7k2s2 64-64@14k3p1 32-3@32k3s2p1o1 32-1@28k3p1 64-32@14k3s2p1o1b8 32-1@28k3p1b8 8-3@64k3s2p1o1 64-1@28k4s2p1 128-64@3k3s2 32-4@20k4s2p1 16-16@40k4s2p1',
  ),
  net(
    'generative',
    'autoencoder',
    'conv2d',
    '1-32@28k3s2 32-64@14k3s2 3-32@64k4s2p1 32-32@32k4s2p1 32-64@16k4s2p1 64-128@8k4s2p1 16-4@14k3 16-8@14k3 4-16@28k3 16-1@28k3 8-3@64k3',
  ),
  net(
    'generative',
    'StyleGAN',
    'conv2d',
    '512-512@8k3 256-256@64k3 128-128@96k3 512-3@16k1 256-3@64k1 128-3@128k1 64-3@128k7 3-64@128k7 256-256@64k3p0 513-512@4k3',
  ),
  net(
    'generative',
    'CycleGAN',
    'convTranspose2d',
    '256-128@32k3s2p1o1 128-64@64k3s2p1o1 512-256@8k3s2p1o1 1024-512@2k4s2p1 512-512@1k4s2p1 512-512@4k4s2p1 128-3@64k4s2p1 128-1@32k4s2p1',
  ),
  net(
    'generative',
    'diffusion',
    'conv2d',
    '4-320@32k3 320-320@32k3 320-4@32k3 320-640@16k3 640-640@16k3 1280-1280@8k3 320-320@32k3s2 960-320@32k3 4-512@32k3 512-8@32k3 8-8@32k1 3-128@64k3 128-3@64k3',
  ),
  net(
    'transforms',
    'STFT',
    'conv1d',
    `1-514@16384k512s128p0 1-1026@16384k1024s256p0 1-402@16000k400s160p0 1-514@8192k512s256p0 1-258@8192k256s64p0 1-2050@22050k2048s512p0 1-80@16000k400s160p0 1-64@16000k251p0 1-512@16000k16s8p0
    1-256@16000k20s10p0 1-64@32000k3 1-256@8000k40s20p0 1-128@8192k128s64p0`,
  ),
  net(
    'transforms',
    'ISTFT',
    'convTranspose1d',
    `514-1@125k512s128 1026-1@224k1024s256 1026-1@64k1024s256 402-1@98k400s160 258-1@128k256s64 514-1@31k512s256 2050-1@40k2048s512 512-1@1999k16s8 512-1@3199k10s5
    256-1@1599k20s10 256-2@800k20s10 128-1@500k40s20 64-1@250k128s64 18-1@2000k16s4 512-2@1000k16s8`,
  ),
  net('transforms', 'masked', 'conv1d', '514-514@125k1 512-1024@1000k1 128-512@1000k1 512-128@1000k1 256-512@500k1 64-128@2000k1'),
  net(
    'audio',
    'WaveNet',
    'conv1d',
    '1-32@8000k2p0 32-64@8000k2p0 32-64@8000k2p0d2 32-64@8000k2p0d16 32-64@4000k2p0d256 64-32@8000k1 64-128@4000k3d4 128-256@2000k3d8 256-256@2000k1 16-32@16000k3d64 16-16@8192k3d9',
  ),
  net(
    'audio',
    'wav2vec',
    'conv1d',
    '1-512@16000k10s5p0 512-512@1599k3s2p0 512-512@799k3s2p0 512-512@399k2s2p0 512-512@199k2s2p0 80-512@300k3 512-512@300k3s2 512-512@300k5 80-384@1000k3 384-384@1000k3s2 512-512@150k3',
  ),
  net(
    'audio',
    'TTS',
    'conv1d',
    '512-512@160k5 80-512@800k5 512-80@800k5 192-768@200k3 768-192@200k3 192-192@400k5 192-192@400k1 192-384@400k5d2 256-256@200k9 256-1024@200k9 1024-256@200k1 384-1@100k3 256-1@300k3 256-256@100k3',
  ),
  net(
    'audio',
    'HiFi-GAN',
    'convTranspose1d',
    '512-256@32k16s8p4 256-128@256k16s8p4 128-64@2048k4s2p1 64-32@4096k4s2p1 512-256@64k20s10p5 256-128@640k16s8p4 80-256@100k16s8p4 128-64@1000k10s5p2 32-16@4000k6s3p1 384-192@100k16s8p4 64-32@4000k8s4p2 32-1@4000k4s2p1',
  ),
  net(
    'audio',
    'HiFi-GAN',
    'conv1d',
    '80-512@32k7 32-1@8192k7 16-1@16384k7 256-256@256k3 256-256@256k7d3 256-256@256k11d5 128-128@2048k3 128-128@2048k11 64-64@4096k7d3 32-32@8192k3 32-32@8192k11d5 1-16@8192k15 32-2@8192k7',
  ),
  net(
    'audio',
    'HiFi-GAN',
    'conv2d',
    '1-32@200x11k5x1s3x1 32-128@67x11k5x1s3x1 128-512@23x7k5x1s3x1 512-1024@8x7k5x1s3x1 1024-1@8x7k3x1 1-32@128x120k3x9 32-32@128x60k3x9s1x2',
  ),
  net(
    'audio',
    'Demucs',
    'conv1d',
    '2-64@16384k8s4p2 64-128@4096k8s4p2 128-256@1024k8s4p2 256-512@256k8s4p2 64-128@4096k1 1-24@16384k15 24-24@8192k15 48-24@8192k5 25-1@16384k1 24-48@4096k15 4-4@16384k5',
  ),
  net(
    'audio',
    'Demucs',
    'convTranspose1d',
    '512-256@64k8s4p2 256-128@256k8s4p2 128-64@1024k8s4p2 64-2@4096k8s4p2 64-8@4096k8s4p2 48-4@4096k8s4p2',
  ),
  net(
    'audio',
    'spectrograms',
    'conv2d',
    '1-32@80x200k3 32-32@80x100k3s2x1 1-16@257x64k3s2x1 16-32@128x64k5x2s2x1p2x0 32-64@64x63k5x2s2x1p2x0 1-64@64x96k3 64-128@32x48k3 128-256@16x24k3 512-512@4x6k3 1-32@161x100k41x11s2 32-32@81x50k21x11s2x1',
  ),
  net('audio', 'spectrograms', 'convTranspose2d', '64-32@32x60k5x2s2x1 32-16@64x60k5x2s2x1 32-1@64x60k5x2s2x1 16-2@128x60k3x2s2x1'),
  net(
    'signals',
    'ECG',
    'conv1d',
    '1-32@1000k7 1-64@1000k15s2 12-64@1000k15s2p7 64-64@500k7 64-128@250k5s2 128-128@125k3 22-40@1000k25p0 40-40@100k10p0 8-16@256k5 16-32@128k5 9-64@128k3p0 64-64@126k3p0 6-6@200k3 1-8@3000k50s6p0',
  ),
  net('signals', 'TCN', 'conv1d', '25-25@400k7d4 32-32@1000k3d32 64-64@500k3d2 16-16@2000k5d8 128-128@250k3d16 1-25@400k7 25-1@400k1'),
  net(
    'signals',
    'EEGNet',
    'conv2d',
    '1-8@64x128k1x64 8-16@64x128k64x1p0g8 16-16@1x32k1x16g16 16-16@1x32k1 1-40@22x500k1x25p0 40-40@22x476k22x1p0',
  ),
  net('signals', 'up', 'convTranspose1d', '64-32@100k2s2 32-16@200k4s2p1 16-1@400k4s2p1 32-1@250k3s2p1o1 128-64@50k3s2p1o1 8-8@100k5s5'),
  net('3-D', 'C3D', 'conv3d', '3-64@16x56k3 64-128@8x28k3 128-256@8x14k3 256-256@8x14k3 256-512@4x7k3 512-512@4x7k3 512-512@2x4k3'),
  net(
    '3-D',
    'video',
    'conv3d',
    '3-64@8x56k3x7s1x2 3-64@16x56k7s2 64-64@8x28k1x3 64-64@8x28k3x1 64-144@8x28k1x3 144-64@8x28k3x1x1 192-192@8x14k1 480-96@8x14k1 96-208@8x14k3 16-32@8x28k3 3-8@32x56k5x1x1 3-24@8x56k1x3s1x2 24-54@8x28k1 64-16@16x14k1 3-768@4x112k2x16s2x16p0',
  ),
  net(
    '3-D',
    'U-Net',
    'conv3d',
    '1-16@32k3 1-32@24k3 16-32@16k3 32-32@24k3 32-64@16k3 64-64@12k3 64-128@8k3 128-128@8k3 256-256@4k3 16-2@32k1 32-3@24k1 16-1@32k3 8-8@32k3 4-8@32k3 32-64@16k2s2p0 64-128@8k3s2 16-16@32k2s2p0 1-1@48k3',
  ),
  net(
    '3-D',
    'U-Net',
    'convTranspose3d',
    '256-128@4k2s2 128-64@8k2s2 64-32@12k2s2 32-16@16k2s2 32-1@12k2s2 16-1@16k2s2 64-32@8k3s2p1o1 128-64@4k4s2p1 512-256@4k4s2p1 64-1@16k4s2p1 32-1@16k4s2p1 16-16@16k2s2 64-64@4x14k1x2s1x2',
  ),
];

const TOKEN = /^(\d+)-(\d+)@([\dx]+)k([\dx]+)((?:[spdgob][\dx]+)*)$/;

/** Every layer, none twice. */
export const NET_LAYERS: readonly NetLayer[] = NETS.flatMap(({ layers, ...rest }) =>
  layers
    .split(/\s+/)
    .filter(Boolean)
    .map((token) => layerOf(token, rest)),
);

function layerOf(token: string, { family, name, op }: Omit<Net, 'layers'>): NetLayer {
  const [, from = '', to = '', size = '', kernel = '', rest = ''] = TOKEN.exec(token) ?? [];
  if (!from) throw new Error(`bench: ${name} has the layer '${token}'; expected e.g. 64-128@56k3s2`);
  const axes = Number(op.at(-2));
  const transposed = op.startsWith('convTranspose');
  const given = new Map([...rest.matchAll(/([a-z])([\dx]+)/g)].map(([, letter = '', value = '']) => [letter, value]));
  const perAxis = (letter: string, otherwise: number): number[] => spread(given.get(letter) ?? `${otherwise}`, axes);
  const k = spread(kernel, axes);
  const [dilation, groups] = [perAxis('d', 1), Number(given.get('g') ?? 1)];
  const half = k.map((taps, axis) => (transposed ? 0 : ((taps - 1) * (dilation[axis] ?? 1)) >> 1));
  const options: ConvShapeOptions = {
    stride: perAxis('s', 1),
    padding: given.has('p') ? perAxis('p', 0) : half,
    dilation,
    groups,
    ...(given.has('o') && { outputPadding: perAxis('o', 0) }),
  };
  const [inputs, outputs] = [Number(from), Number(to)];
  const weight = transposed ? [inputs, outputs / groups, ...k] : [outputs, inputs / groups, ...k];
  const kind = op.replace('conv', '').replace('Transpose', 'T');
  return {
    family,
    name: `${name} ${kind} ${token}`,
    op,
    input: [Number(given.get('b') ?? 1), inputs, ...spread(size, axes)],
    weight,
    options,
  };
}

/** '3' is for every axis, '1x3' for height and width, with a last number that is repeated. */
function spread(text: string, axes: number): number[] {
  const values = text.split('x').map(Number);
  return Array.from({ length: axes }, (_, axis) => values[Math.min(axis, values.length - 1)] as number);
}
