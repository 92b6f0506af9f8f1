import {
  Accessibility, Baby, BookOpen, Briefcase, Building2, Bus, Car, ClipboardList, CreditCard, Droplets, FileText, GraduationCap,
  HandHelping, HardHat, HeartHandshake, HeartPulse, House, IdCard, Landmark, LayoutGrid, Map, Medal, Scale, Shield, ShieldCheck, Sprout, Stethoscope,
  Store, TreePine, Truck, Users, Utensils, Wallet, Wheat,
} from '@lucide/vue'
import type { Component } from 'vue'

// The icons a field may name in the hall's layout; an unknown name shows the grid.
const byName: Record<string, Component> = {
  accessibility: Accessibility,
  baby: Baby,
  'book-open': BookOpen,
  briefcase: Briefcase,
  'building-2': Building2,
  bus: Bus,
  car: Car,
  'clipboard-list': ClipboardList,
  'credit-card': CreditCard,
  droplets: Droplets,
  'file-text': FileText,
  'graduation-cap': GraduationCap,
  'hand-helping': HandHelping,
  'hard-hat': HardHat,
  'heart-handshake': HeartHandshake,
  'heart-pulse': HeartPulse,
  house: House,
  'id-card': IdCard,
  landmark: Landmark,
  map: Map,
  medal: Medal,
  scale: Scale,
  shield: Shield,
  'shield-check': ShieldCheck,
  sprout: Sprout,
  stethoscope: Stethoscope,
  store: Store,
  'tree-pine': TreePine,
  truck: Truck,
  users: Users,
  utensils: Utensils,
  wallet: Wallet,
  wheat: Wheat,
}

export function iconOf(name: string): Component {
  return byName[name] ?? LayoutGrid
}
