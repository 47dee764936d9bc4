"""Words that guessers try first, without digits, signs, case or accents: our own short list, Spanish and English."""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
password passwort passw passwd pass contrasena clave claves micontrasena miclave cambiame cambiar
temporal secreto secreta acceso acceder entrar entrada ingreso inicio usuario usuarios administrador administradora
administrator admin adminadmin root toor superusuario supervisor sistema sistemas soporte invitado prueba pruebas
probando test tester testing demo ejemplo default guest user login welcome bienvenido bienvenida bienvenidos hola
holamundo holahola hello helloworld letmein dejameentrar qwerty qwertyui qwertyuiop asdf asdfgh asdfghjkl asdfasdf
zxcvbn zxcvbnm qazwsx qazwsxedc qweasd qweasdzxc abc abcd abcde abcdef abcdefg abcdefgh abcabc aaaaaa aaaaaaaa
iloveyou teamo tequiero teamomucho miamor amor amorcito amores corazon cielo princesa princess angel angelito angeles
dios diosesamor jesus jesucristo cristo maria guadalupe familia mifamilia mama papa mamaypapa hijos bebe estrella
mariposa sirena dragon monkey master shadow sunshine superman batman spiderman pokemon naruto starwars football
baseball basketball futbol soccer barcelona realmadrid madrid bocajuniors riverplate america chivas pumas cruzazul
tigres mexico mexicano vivamexico argentina ecuador quito guayaquil buenosaires guadalajara monterrey colombia peru
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre primavera verano otono
invierno lunes martes miercoles jueves viernes sabado domingo january february march april june july august september
october november december spring summer autumn winter monday friday sunday empresa miempresa oficina contador
contadora contabilidad contaduria impuestos factura facturas facturacion certificado certificados fiscal fiscales
hacienda sat sri afip arca acuse sersa trabajo negocio ventas compras gerente gerencia director direccion secretaria
computadora computer internet server servidor samsung iphone android google facebook whatsapp instagram microsoft
windows linux security seguridad seguro trustno access changeme changemenow money dinero freedom libertad whatever
nothing nada password1 michael jennifer jessica daniel carlos jose juan luis miguel jorge pedro pablo fernando
alejandro alejandra sofia valentina camila andrea gabriel gabriela roberto ricardo eduardo francisco antonio manuel
"""

COMMON: Final = frozenset(_WORDS.split())
